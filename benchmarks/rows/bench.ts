import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { runGenerator, type GeneratorOptions, type Measurement } from '../generator/run-generator.ts'
import { PEERS, type Peer, type PeerName } from '../peers/peers.ts'
import { ServerProcess } from '../peers/server-process.ts'

/** How thoroughly to measure. */
export interface Effort {
  readonly isQuick: boolean
  readonly rounds: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** Work of one row, as every generator run of it gets it. */
export type Mode = 'echo' | 'topic' | 'http'

const QUICK: Effort = { isQuick: true, rounds: 2, warmUpSeconds: 0.3, seconds: 0.6 }
// Short rounds: the clock of a machine with neighbours changes within seconds, and is the same for all of a short round.
const THOROUGH: Effort = { isQuick: false, rounds: 15, warmUpSeconds: 0.25, seconds: 0.75 }

/** What rows measure with: peers, cores, the generator, the effort. */
export class Bench {
  readonly effort: Effort
  readonly #generator: string
  readonly #peers: ReadonlySet<PeerName> | undefined
  readonly #hasCores: boolean

  /** @param peers who takes part; everyone when undefined. */
  constructor(generator: string, isQuick: boolean, peers: ReadonlySet<PeerName> | undefined) {
    this.effort = isQuick ? QUICK : THOROUGH
    this.#generator = generator
    this.#peers = peers
    this.#hasCores = availableParallelism() > 1 && canPin()
    if (!this.#hasCores) this.log('No taskset or no second core: server and generator disturb each other')
  }

  /** Tells what happens, on standard error. */
  log(line: string): void {
    process.stderr.write(`${line}\n`)
  }

  /** The peers of a row that take part and can run here; says of others that were asked for why not. */
  pick(names: readonly PeerName[], notes: string[]): Peer[] {
    return names.flatMap((name) => {
      if (this.#peers !== undefined && !this.#peers.has(name)) return []
      const peer = PEERS[name]
      const command = peer.command()
      if (typeof command !== 'string') return [peer]
      notes.push(`Left out: ${peer.title}: ${command}.`)
      return []
    })
  }

  /** The command, on the core of servers. */
  onServerCore(command: readonly string[]): readonly string[] {
    return this.#hasCores ? ['taskset', '-c', '0', ...command] : command
  }

  /** The command, on the core of the generator. */
  onGeneratorCore(command: readonly string[]): readonly string[] {
    return this.#hasCores ? ['taskset', '-c', '1', ...command] : command
  }

  /** Starts a server on the core of servers. */
  startServer(command: readonly string[]): Promise<ServerProcess> {
    return ServerProcess.start(this.onServerCore(command))
  }

  /** Runs the generator on its core against a server, for the times of this effort unless `options` say otherwise. */
  generate(server: ServerProcess, mode: Mode, options: GeneratorOptions): Promise<Measurement> {
    const { warmUpSeconds, seconds } = this.effort
    const all = { port: server.port, server: server.pid, 'warm-up': warmUpSeconds, seconds, ...options }
    return runGenerator(this.generatorCommand, mode, all)
  }

  /** The generator, on its core. */
  get generatorCommand(): readonly string[] {
    return this.onGeneratorCore([this.#generator])
  }
}

function canPin(): boolean {
  try {
    execFileSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
