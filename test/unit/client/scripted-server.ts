import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { connect, type Client, type ConnectOptions, type WebSocketLike } from 'goweb/client'
import type { Command } from '../../../src/protocol/command.ts'
import type { Publication } from '../../../src/protocol/publication.ts'
import type { ConnectResult, Push, Reply, SubscribeResult } from '../../../src/protocol/reply.ts'
import { VirtualClock } from './virtual-clock.ts'

type Method = Exclude<keyof Command, 'id'>

type Taken<M extends Method> = { id: number; key: unknown } & Omit<NonNullable<Command[M]>, 'id'>

/** The server's end of a connection: what it got, and what it says, both by hand. */
export class ScriptedSocket implements WebSocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onerror: (() => void) | null = null
  readonly url: string
  /** Frames as they came. */
  readonly frames: string[] = []
  /** Commands that no test has taken yet. */
  readonly commands: Command[] = []
  isClosed = false

  constructor(url: string) {
    this.url = url
  }

  send(frame: string): void {
    this.frames.push(frame)
    for (const line of frame.split('\n')) this.commands.push(JSON.parse(line) as Command)
  }

  close(): void {
    this.isClosed = true
  }

  /** Takes the oldest command, which has to be of the method. `key` is the id inside it, `id` its own. */
  take<M extends Method>(method: M): Taken<M> {
    const command = this.commands.shift()
    const body = command?.[method]
    assert.ok(command !== undefined && body !== undefined, `${method} expected: ${JSON.stringify(command)}`)
    // The compiler does not follow that what is spread is the command's body.
    return { ...body, id: command.id ?? 0, key: (body as { id?: unknown }).id } as unknown as Taken<M>
  }

  /** Fails when there is a command that no test has taken. */
  assertNothing(): void {
    assert.deepEqual(this.commands, [])
  }

  /** Says one or more lines in one frame. */
  say(...replies: Reply[]): void {
    this.onmessage?.({ data: replies.map((reply) => JSON.stringify(reply)).join('\n') })
  }

  push(channel: string, push: Omit<Push, 'channel'>): void {
    this.say({ push: { channel, ...push } })
  }

  /** Publications in one frame. */
  publish(channel: string, ...publications: Publication[]): void {
    this.say(...publications.map((pub) => ({ push: { channel, pub } })))
  }

  /** Ends the connection as a server or a network does. */
  end(code = 1006, reason = ''): void {
    this.isClosed = true
    this.onclose?.({ code, reason })
  }

  /** Opens the connection and accepts it. */
  async accept(result: Partial<ConnectResult> = {}): Promise<void> {
    this.onopen?.()
    await turn()
    this.say({ id: this.take('connect').id, connect: { client: 'me', ...result } })
    await turn()
  }

  /** Answers the subscribe command that is due. */
  async subscribe(result: SubscribeResult = {}): Promise<void> {
    this.say({ id: this.take('subscribe').id, subscribe: result })
    await turn()
  }
}

/** A place where clients find servers that tests play, and time that they make. */
export class Script {
  readonly clock = new VirtualClock()
  readonly sockets: ScriptedSocket[] = []
  readonly errors: unknown[] = []
  readonly clients: Client[] = []

  connect(options: ConnectOptions = {}): Client {
    const { sockets } = this
    const client = connect('ws://server/', {
      clock: this.clock,
      onError: (error) => this.errors.push(error),
      WebSocket: class extends ScriptedSocket {
        constructor(url: string) {
          super(url)
          sockets.push(this)
        }
      },
      ...options,
    })
    this.clients.push(client)
    return client
  }

  /** The newest socket, of which there have been so many. */
  async socket(count: number): Promise<ScriptedSocket> {
    await turn()
    assert.equal(this.sockets.length, count, 'connections tried')
    return this.sockets[count - 1]!
  }

  /** The next socket, after the wait before it. */
  async nextSocket(): Promise<ScriptedSocket> {
    const count = this.sockets.length + 1
    await this.clock.advance(this.clock.nextMs)
    return this.socket(count)
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    await turn()
  }

  /** A connected client. */
  async open(options: ConnectOptions = {}): Promise<{ client: Client; socket: ScriptedSocket }> {
    const client = this.connect(options)
    const socket = await this.socket(this.sockets.length + (this.sockets.length === 0 ? 1 : 0))
    await socket.accept()
    return { client, socket }
  }
}

/** A stored publication of a channel without events. */
export function pub(offset: number, data: unknown = offset, event?: string): Publication {
  return { data: data as never, offset, ...(event !== undefined && { tags: { event } }) }
}

/** The reply to a subscribe command of a channel that keeps its publications. */
export function at(offset: number, more: SubscribeResult = {}, epoch = 'e'): SubscribeResult {
  return { recoverable: true, positioned: true, epoch, offset, ...more }
}
