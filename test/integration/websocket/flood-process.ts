import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { SocketClient } from '../../conformance/wire/socket-client.ts'
import type { Measurement } from './flood-server.ts'

/** The server of the flood tests in its own process, with a bystander who must notice nothing. */
export class FloodProcess {
  readonly port: number
  readonly #child: ChildProcess
  readonly #bystander: SocketClient
  #said = 0

  constructor(child: ChildProcess, port: number, bystander: SocketClient) {
    this.#child = child
    this.port = port
    this.#bystander = bystander
  }

  static async start(): Promise<FloodProcess> {
    const child = fork(join(import.meta.dirname, 'flood-server.ts'), {
      execArgv: ['--expose-gc', '--conditions=goweb-source', '--disable-warning=ExperimentalWarning'],
    })
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    return new FloodProcess(child, port, await SocketClient.open({ port }))
  }

  open(target: string): Promise<SocketClient> {
    return SocketClient.open({ port: this.port, target })
  }

  /** What the process uses after garbage collection, and what its sockets did. */
  async measure(): Promise<Measurement> {
    const answer = once(this.#child, 'message')
    this.#child.send('measure')
    return ((await answer) as [Measurement])[0]
  }

  /** The bystander sends a message and must get it back, on the connection it has had all along. */
  async serveBystander(): Promise<void> {
    const text = `bystander ${this.#said++}`
    await this.#bystander.sendText(text)
    const answer = await this.#bystander.takeText()
    if (answer !== text) throw new Error(`The bystander sent ${text} and got ${answer}`)
  }

  async stop(): Promise<void> {
    await this.#bystander.tcp.close()
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
