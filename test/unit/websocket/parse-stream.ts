import { FrameParser, type FrameParserOptions, type FrameSink } from '../../../src/websocket/frame-parser.ts'

/** What a parser told, in order: bytes as hex, errors by code and close code. */
export type ParserEvent =
  | readonly ['text' | 'binary' | 'deflated text' | 'deflated binary' | 'ping' | 'pong', string]
  | readonly ['close', number, string]
  | readonly ['error', string, number]

export class RecordingSink implements FrameSink {
  readonly events: ParserEvent[] = []

  onMessage(message: string | Uint8Array): void {
    this.events.push(
      typeof message === 'string' ? ['text', message] : ['binary', Buffer.from(message).toString('hex')],
    )
  }

  onDeflated(isText: boolean, payload: Uint8Array): void {
    this.events.push([isText ? 'deflated text' : 'deflated binary', Buffer.from(payload).toString('hex')])
  }

  onPing(payload: Uint8Array): void {
    this.events.push(['ping', Buffer.from(payload).toString('hex')])
  }

  onPong(payload: Uint8Array): void {
    this.events.push(['pong', Buffer.from(payload).toString('hex')])
  }

  onCloseFrame(code: number, reason: string): void {
    this.events.push(['close', code, reason])
  }

  onViolation(error: { code: string; closeCode: number }): void {
    this.events.push(['error', error.code, error.closeCode])
  }
}

/** Parses a stream that arrives in the given pieces, each in memory of its own. */
export function parseChunks(
  chunks: Iterable<Uint8Array>,
  options: Partial<FrameParserOptions> = {},
): ParserEvent[] {
  const parser = new FrameParser({ sender: 'client', maxPayloadBytes: 1_048_576, ...options })
  const sink = new RecordingSink()
  for (const chunk of chunks) parser.push(Uint8Array.from(chunk), sink)
  return sink.events
}

/** Cuts a stream into pieces of `size` bytes. */
export function* cut(stream: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < stream.length; at += size) yield stream.subarray(at, at + size)
}

/** Parses a stream whole, in single bytes, and in pieces of 2, 3, 5 and 7 bytes; all must tell the same. */
export function parseEveryWay(
  stream: Uint8Array,
  check: (events: ParserEvent[], way: string) => void,
  options: Partial<FrameParserOptions> = {},
): void {
  check(parseChunks([stream], options), 'whole')
  for (const size of [1, 2, 3, 5, 7]) check(parseChunks(cut(stream, size), options), `pieces of ${size}`)
}
