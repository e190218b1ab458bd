import type { Writable } from 'node:stream'
import * as ws from 'ws'
import { FakeServer } from '../unit/websocket/fake-server.ts'
import { isGoWebError } from '../../src/errors/goweb-error.ts'

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

/** What GoWeb's socket makes of a stream; throws where what it sends does not fit what it heard. */
export function hearByGoWeb(chunks: Iterable<Uint8Array>): Verdict {
  const heard: string[] = []
  const answers: string[] = []
  let end: StreamEnd | undefined
  const { socket, connection } = server.open(
    {
      message: (_, message) => heard.push(line(typeof message === 'string' ? 'text' : 'binary', message)),
      pong: (_, payload) => heard.push(line('pong', payload)),
      ping: (_, payload) => {
        heard.push(line('ping', payload))
        answers.push(line('pong', payload))
      },
      close: (_, code, reason) => {
        if (code !== 1006) end ??= { kind: 'closed', code, reason }
      },
    },
    { maxPayloadBytes: MAX_PAYLOAD_BYTES },
  )
  const errorsBefore = server.errors.length
  for (const chunk of chunks) {
    socket.receive(Uint8Array.from(chunk))
    server.endTurn()
  }
  for (const { error } of server.errors.splice(errorsBefore)) {
    if (!isGoWebError(error) || end !== undefined) throw error
    end = { kind: 'failed', code: error.closeCode, why: error.code }
  }
  socket.handleClose()
  server.endTurn()
  if (end !== undefined) answers.push(`close ${end.code} ${end.kind === 'failed' ? end.why : ''}`)
  assertAnswers(connection.events.map(showAnswer), answers)
  if (connection.isEnded !== (end !== undefined))
    throw new Error('The connection ended without need, or did not')
  return { heard, end }
}

function showAnswer(event: readonly [string, string | number, ...unknown[]]): string {
  return event.join(' ')
}

function assertAnswers(actual: readonly string[], expected: readonly string[]): void {
  if (actual.join('\n') !== expected.join('\n'))
    throw new Error(`Sent\n${actual.join('\n')}\ninstead of\n${expected.join('\n')}`)
}

// The package exports it; its types do not tell.
const { Receiver } = ws as unknown as {
  readonly Receiver: new (options: Readonly<Record<string, unknown>>) => Writable
}

/** What the receiver of ws makes of a stream. */
export function hearByWs(chunks: Iterable<Uint8Array>): Verdict {
  const heard: string[] = []
  let end: StreamEnd | undefined
  const receiver = new Receiver({ isServer: true, maxPayload: MAX_PAYLOAD_BYTES })
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    heard.push(isBinary ? line('binary', data) : line('text', data.toString('utf8'))),
  )
  receiver.on('ping', (data: Buffer) => heard.push(line('ping', data)))
  receiver.on('pong', (data: Buffer) => heard.push(line('pong', data)))
  receiver.on('conclude', (code: number, reason: Buffer) => {
    end = { kind: 'closed', code, reason: reason.toString('utf8') }
  })
  for (const chunk of chunks) {
    const error = feed(receiver, chunk)
    if (error !== undefined) end = { kind: 'failed', code: closeCodeOf(error), why: codeOf(error) }
    if (end !== undefined) break
  }
  return { heard, end }
}

/** Not by `write`, which reports an error only in a later turn. */
function feed(receiver: Writable, chunk: Uint8Array): Error | undefined {
  let result: Error | null | undefined | 'pending' = 'pending'
  receiver._write(Buffer.from(chunk), 'utf8', (error) => {
    result = error
  })
  // Written by the callback, which the compiler does not see.
  const outcome = result as Error | null | undefined | 'pending'
  if (outcome === 'pending') throw new Error('The receiver of ws did not take a chunk at once')
  return outcome ?? undefined
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message
}

/** The close code of an error of ws is under a symbol that it keeps for itself. */
function closeCodeOf(error: Error): number {
  const symbol = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code')
  if (symbol === undefined) throw error
  return (error as unknown as Record<symbol, number>)[symbol] as number
}
