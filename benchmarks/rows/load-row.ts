import { GeneratorError, type GeneratorOptions, type Measurement } from '../generator/run-generator.ts'
import type { Peer, PeerName, ServerFile } from '../peers/peers.ts'
import type { ServerProcess } from '../peers/server-process.ts'
import type { Entry, Goal, RowResult } from '../report/row-result.ts'
import { median } from '../report/statistics.ts'
import type { Bench, Mode } from './bench.ts'
import type { Group, Row } from './row.ts'
import { turnOrder } from './turn-order.ts'

/** A row in which the generator loads one server after the other. */
export interface LoadRow {
  readonly id: string
  readonly group: Group
  readonly title: string
  readonly unit: string
  readonly mode: Mode
  readonly options: GeneratorOptions
  readonly peers: readonly PeerName[]
  readonly goals?: readonly Goal[]
  /** More rounds than usual, where the goals are close to what others reach. */
  readonly rounds?: number
  /** Which peer is GoWeb; see {@link RowResult.own}. */
  readonly own?: PeerName
  /** Options that differ from one peer to another. */
  readonly peerOptions?: Partial<Record<PeerName, GeneratorOptions>>
  /** Servers of this row that are not those of the table of peers. */
  readonly servers?: Partial<Record<PeerName, ServerFile>>
  readonly notes?: readonly string[]
  /** Further checks before anything is timed; a sentence when the server cannot do the row. */
  readonly prepare?: (server: ServerProcess) => Promise<string | undefined>
}

/** A peer whose server runs, and what it has reached. */
export interface Contender {
  readonly peer: Peer
  readonly server: ServerProcess
  readonly measurements: Measurement[]
}

/** Until V8 has compiled what is hot. */
const FIRST_WARM_UP_SECONDS = 3

/** Makes a row of messages per second. */
export function loadRow(row: LoadRow): Row {
  return {
    group: row.group,
    title: row.title,
    async run(bench) {
      const notes = [...(row.notes ?? [])]
      const contenders = await measureLoad(bench, row, notes)
      return [toResult(row, contenders, notes)]
    },
  }
}

/** Runs the rounds of a row: in each, every peer once, see {@link turnOrder}. */
export async function measureLoad(bench: Bench, row: LoadRow, notes: string[]): Promise<Contender[]> {
  const contenders: Contender[] = []
  try {
    for (const peer of bench.pick(row.peers, notes)) {
      const own = row.servers?.[peer.name]
      const command = own === undefined ? (peer.command() as readonly string[]) : peer.commandOf(own)
      const server = await bench.startServer(command)
      const obstacle = await row.prepare?.(server)
      if (obstacle === undefined) contenders.push({ peer, server, measurements: [] })
      else {
        notes.push(`Left out: ${peer.title}: ${obstacle}.`)
        await server.stop()
      }
    }
    const { isQuick, rounds: usual } = bench.effort
    const rounds = isQuick ? usual : (row.rounds ?? usual)
    for (let round = 0; round < rounds; round++) {
      for (const index of turnOrder(contenders.length, round)) {
        await measureOnce(bench, row, contenders[index]!)
      }
    }
    return contenders
  } finally {
    await Promise.all(contenders.map(({ server }) => server.stop()))
  }
}

async function measureOnce(bench: Bench, row: LoadRow, contender: Contender): Promise<void> {
  const { peer, server, measurements } = contender
  const isFirst = measurements.length === 0 && !bench.effort.isQuick
  const options = {
    ...(isFirst ? { 'warm-up': FIRST_WARM_UP_SECONDS } : {}),
    ...row.options,
    ...(peer.name === 'socket.io' ? forSocketIo(row.options) : {}),
    ...row.peerOptions?.[peer.name],
  }
  try {
    const measurement = await bench.generate(server, row.mode, options)
    const rate = Math.round(measurement.messages / measurement.seconds)
    bench.log(
      `  ${peer.title}: ${rate.toLocaleString('en')} ${row.unit}, server ${percent(measurement.serverCpu)}`,
    )
    measurements.push(measurement)
  } catch (error) {
    if (!(error instanceof GeneratorError)) throw error
    throw new GeneratorError(`${row.title}: ${peer.title}: ${error.message}\n${server.output}`)
  }
}

/** The generator's options for a Socket.IO server, as those for others are given. */
export function forSocketIo({ 'publisher-path': publisherPath }: GeneratorOptions): GeneratorOptions {
  const path = '/socket.io/?EIO=4&transport=websocket'
  return {
    'socket-io': true,
    path,
    ...(publisherPath === undefined ? {} : { 'publisher-path': `${path}&role=publisher` }),
  }
}

function toResult(row: LoadRow, contenders: readonly Contender[], notes: readonly string[]): RowResult {
  return {
    id: row.id,
    group: row.group,
    title: row.title,
    unit: row.unit,
    isLowerBetter: false,
    needsSaturation: true,
    ...(row.own && { own: row.own }),
    entries: contenders.map((contender) => toEntry(contender, ({ messages, seconds }) => messages / seconds)),
    goals: row.goals ?? [],
    notes,
    failures: [],
    measuredAt: new Date().toISOString(),
  }
}

/** One figure of each measurement of a contender, with the processor time. */
export function toEntry(
  { peer, measurements }: Contender,
  figure: (measurement: Measurement) => number,
): Entry {
  const rounds = measurements.map(figure)
  return {
    peer: peer.name,
    title: peer.title,
    rounds,
    median: median(rounds),
    serverCpu: median(measurements.map(({ serverCpu = 0 }) => serverCpu)),
    generatorCpu: median(measurements.map(({ generatorCpu }) => generatorCpu)),
  }
}

function percent(share: number | undefined): string {
  return share === undefined ? '?' : `${Math.round(share * 100)} %`
}
