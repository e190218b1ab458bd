import assert from 'node:assert/strict'
import { once } from 'node:events'
import { WebSocket, type ClientOptions } from 'ws'

/** A reply or push, as it came. */
export type Message = Readonly<Record<string, unknown>>

/** A client of the wire protocol that only writes and reads JSON. */
export class ChannelClient {
  readonly #socket: WebSocket
  readonly #messages: Message[] = []
  #waiting: (() => void)[] = []
  #nextId = 1
  readonly closed: Promise<{ code: number; reason: string }>

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      for (const line of data.toString().split('\n')) this.#take(JSON.parse(line) as Message)
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  /** Opens a connection without saying anything. */
  static async open(
    port: number,
    options: ClientOptions & { readonly path?: string } = {},
  ): Promise<ChannelClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/connection/websocket'}`, options)
    const client = new ChannelClient(socket)
    await once(socket, 'open')
    return client
  }

  /** Opens a connection and sends `connect`. */
  static async connect(
    port: number,
    request: Message = {},
    options: ClientOptions & { readonly path?: string } = {},
  ): Promise<ChannelClient> {
    const client = await ChannelClient.open(port, options)
    const { connect } = await client.ask({ connect: request })
    assert.ok(connect !== undefined)
    return client
  }

  /** Sends a command and gives its reply. */
  async ask(command: Message): Promise<Message> {
    const id = this.#nextId++
    this.#socket.send(JSON.stringify({ id, ...command }))
    return await this.next((message) => message['id'] === id)
  }

  /** What a command answered under its name; fails on an error. */
  async result(name: string, request: Message): Promise<Message> {
    const reply = await this.ask({ [name]: request })
    assert.deepEqual(reply['error'], undefined)
    return reply[name] as Message
  }

  /** The error that a command was answered with. */
  async error(name: string, request: Message): Promise<Message> {
    const reply = await this.ask({ [name]: request })
    assert.ok(reply['error'] !== undefined, JSON.stringify(reply))
    return reply['error'] as Message
  }

  /** The next push of a kind, such as `pub`, with its channel. */
  async push(kind: string): Promise<Message> {
    const message = await this.next(({ push }) => push !== undefined && kind in (push as Message))
    const push = message['push'] as Message
    return { channel: push['channel'], ...(push[kind] as Message) }
  }

  /** The next message that fits; those that do not stay. */
  async next(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const index = this.#messages.findIndex(fits)
      if (index !== -1) return this.#messages.splice(index, 1)[0] as Message
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve)
        void this.closed.then(({ code, reason }) => reject(new Error(`closed: ${code} ${reason}`)))
      })
    }
  }

  /** Resolves when the server has read all that was sent before. */
  async ping(): Promise<void> {
    this.#socket.ping()
    await once(this.#socket, 'pong')
  }

  /** What has come and was not asked for. */
  get rest(): readonly Message[] {
    return this.#messages.filter((message) => Object.keys(message).length > 0)
  }

  async close(): Promise<void> {
    this.#socket.close()
    await this.closed
  }

  #take(message: Message): void {
    this.#messages.push(message)
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
