import type { Writable } from 'node:stream'
import * as ws from 'ws'
import { isGoWebError } from '../../src/errors/goweb-error.ts'
import type { CompressionSetup } from '../../src/websocket/compression-setup.ts'
import { FakeServer, type FakeConnection, type FakeSocket } from '../unit/websocket/fake-server.ts'

/** How a stream of frames ended: with the peer's close frame, or with a rule that it broke. */
export type StreamEnd =
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly code: number; readonly why: string }

/** What an implementation made of a stream. */
export interface Verdict {
  /** Messages, pings and pongs, in order, each as one line. */
  readonly heard: readonly string[]
  /** Undefined when the stream may go on. */
  readonly end: StreamEnd | undefined
}

/** Largest message that both take. */
export const MAX_PAYLOAD_BYTES = 4_000

function line(kind: 'text' | 'binary' | 'ping' | 'pong', payload: string | Uint8Array): string {
  const shown = typeof payload === 'string' ? JSON.stringify(payload) : Buffer.from(payload).toString('hex')
  return `${kind} ${shown}`
}

const server = new FakeServer()

/** A socket of GoWeb at the end of a stream. */
export class GoWebPeer {
  readonly #heard: string[] = []
  /** What it must send. */
  readonly #answers: string[] = []
  readonly #connection: FakeConnection
  readonly #socket: FakeSocket
  #end: StreamEnd | undefined

  constructor(compression?: CompressionSetup) {
    const { socket, connection } = server.open(
      {
        message: (_, message) =>
          this.#heard.push(line(typeof message === 'string' ? 'text' : 'binary', message)),
        pong: (_, payload) => this.#heard.push(line('pong', payload)),
        ping: (_, payload) => {
          this.#heard.push(line('ping', payload))
          this.#answers.push(line('pong', payload))
        },
        close: (_, code, reason) => {
          if (code !== 1006) this.#end ??= { kind: 'closed', code, reason }
        },
      },
      { maxPayloadBytes: MAX_PAYLOAD_BYTES },
      compression,
    )
    this.#socket = socket
    this.#connection = connection
  }

  feed(chunk: Uint8Array): void {
    this.#socket.receive(Uint8Array.from(chunk))
    this.endTurn()
  }

  endTurn(): void {
    server.endTurn()
    for (const { error } of server.errors.splice(0)) {
      if (!isGoWebError(error) || this.#end !== undefined) throw error
      this.#end = { kind: 'failed', code: error.closeCode, why: error.code }
    }
  }

  /** Ends the connection; throws where what the socket has sent does not fit what it heard. */
  finish(): Verdict {
    this.#socket.handleClose()
    this.endTurn()
    const end = this.#end
    if (end !== undefined) this.#answers.push(`close ${end.code} ${end.kind === 'failed' ? end.why : ''}`)
    const sent = this.#connection.events.map((event) => event.join(' ')).join('\n')
    const expected = this.#answers.join('\n')
    if (sent !== expected) throw new Error(`Sent\n${sent}\ninstead of\n${expected}`)
    if (this.#connection.isEnded !== (end !== undefined))
      throw new Error('The connection was ended without need, or was not ended')
    return { heard: this.#heard, end }
  }
}

// The package exports it; its types do not tell.
const { Receiver } = ws as unknown as {
  readonly Receiver: new (options: Readonly<Record<string, unknown>>) => Writable
}

/** The receiver of ws at the end of a stream. */
export class WsPeer {
  readonly #heard: string[] = []
  readonly #receiver: Writable
  #end: StreamEnd | undefined

  constructor(extensions: Readonly<Record<string, unknown>> = {}) {
    const receiver = new Receiver({ isServer: true, maxPayload: MAX_PAYLOAD_BYTES, extensions })
    receiver.on('message', (data: Buffer, isBinary: boolean) =>
      this.#heard.push(isBinary ? line('binary', data) : line('text', data.toString('utf8'))),
    )
    receiver.on('ping', (data: Buffer) => this.#heard.push(line('ping', data)))
    receiver.on('pong', (data: Buffer) => this.#heard.push(line('pong', data)))
    receiver.on('conclude', (code: number, reason: Buffer) => {
      this.#end = { kind: 'closed', code, reason: reason.toString('utf8') }
    })
    this.#receiver = receiver
  }

  /** Calls back when the chunk is handled, at once where nothing is deflated. */
  feed(chunk: Uint8Array, onHandled: () => void): void {
    // Not by `write`, which reports an error only in a later turn.
    this.#receiver._write(Buffer.from(chunk), 'utf8', (error) => {
      if (error) this.#end = { kind: 'failed', code: closeCodeOf(error), why: error.message }
      onHandled()
    })
  }

  get verdict(): Verdict {
    return { heard: this.#heard, end: this.#end }
  }
}

/** The close code of an error of ws is under a symbol that it keeps for itself. */
function closeCodeOf(error: Error): number {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code')
  if (symbol === undefined) throw error
  return (error as unknown as Record<symbol, number>)[symbol] as number
}
