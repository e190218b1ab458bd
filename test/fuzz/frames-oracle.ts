import type { ParserEvent } from '../unit/websocket/parse-stream.ts'

/** Limits of the oracle. */
export interface OracleOptions {
  readonly maxPayloadBytes: number
  readonly maxEmptyFragments: number
}

interface Message {
  readonly isText: boolean
  payload: number[]
  emptyFragments: number
}

/** Ends the stream: an error, or nothing more to read. */
class End extends Error {
  readonly event: ParserEvent | undefined

  constructor(event?: ParserEvent) {
    super('the stream ends here')
    this.event = event
  }
}

/**
 * RFC 6455 section 5 as a loop over the whole stream: slow, simple, and with nothing in common with the engine.
 *
 * It reads what arrived of a last, incomplete frame too, since some rules are broken before a frame ends.
 */
export function parseNaively(stream: Uint8Array, options: OracleOptions): ParserEvent[] {
  const events: ParserEvent[] = []
  const state: { at: number; message: Message | undefined } = { at: 0, message: undefined }
  try {
    while (state.at < stream.length) readFrame(stream, state, options, events)
  } catch (end) {
    if (!(end instanceof End)) throw end
    if (end.event !== undefined) events.push(end.event)
  }
  return events
}

function readFrame(
  stream: Uint8Array,
  state: { at: number; message: Message | undefined },
  options: OracleOptions,
  events: ParserEvent[],
): void {
  const byte = (): number => {
    const value = stream[state.at++]
    if (value === undefined) throw new End()
    return value
  }
  const fail = (code: string, closeCode = 1002): never => {
    throw new End(['error', code, closeCode])
  }

  const first = byte()
  const second = byte()
  const isLast = first >= 128
  const opcode = first % 16
  if ((first >> 4) % 8 !== 0) fail('FRAME_RESERVED_BITS')
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) fail('FRAME_OPCODE_UNKNOWN')
  if (second < 128) fail('FRAME_MASK_INVALID')
  const isControl = opcode >= 8
  if (isControl && (!isLast || second % 128 > 125)) fail('FRAME_CONTROL_INVALID')
  if (opcode === 0 && state.message === undefined) fail('FRAME_SEQUENCE_INVALID')
  if ((opcode === 1 || opcode === 2) && state.message !== undefined) fail('FRAME_SEQUENCE_INVALID')

  const lengthBytes = second % 128 === 126 ? 2 : second % 128 === 127 ? 8 : 0
  let length = BigInt(second % 128)
  if (lengthBytes > 0) {
    const digits = Array.from({ length: lengthBytes }, () => byte().toString(16).padStart(2, '0'))
    length = BigInt(`0x${digits.join('')}`)
  }
  const mask = [byte(), byte(), byte(), byte()]
  if (lengthBytes === 2 && length < 126n) fail('FRAME_LENGTH_INVALID')
  if (lengthBytes === 8 && (length < 65_536n || length >= 1n << 63n)) fail('FRAME_LENGTH_INVALID')

  if (!isControl) {
    if (opcode !== 0) state.message = { isText: opcode === 1, payload: [], emptyFragments: 0 }
    if (BigInt(state.message!.payload.length) + length > BigInt(options.maxPayloadBytes))
      fail('MESSAGE_TOO_LARGE', 1009)
    if (length === 0n && !isLast && ++state.message!.emptyFragments > options.maxEmptyFragments)
      fail('FRAGMENTS_EMPTY', 1008)
  }

  const available = Math.min(Number(length), stream.length - state.at)
  const payload = Array.from({ length: available }, (_, index) => byte() ^ mask[index % 4]!)
  const isComplete = BigInt(available) === length
  if (isControl) {
    if (!isComplete) throw new End()
    readControl(opcode, Uint8Array.from(payload), events)
    return
  }
  const message = state.message!
  message.payload.push(...payload)
  const bytes = Uint8Array.from(message.payload)
  const isEnd = isComplete && isLast
  if (message.isText && !(isEnd ? isUtf8(bytes) : beginsUtf8(bytes))) fail('TEXT_NOT_UTF8', 1007)
  if (!isEnd) return
  events.push(message.isText ? ['text', decode(bytes)] : ['binary', Buffer.from(bytes).toString('hex')])
  state.message = undefined
}

function readControl(opcode: number, payload: Uint8Array, events: ParserEvent[]): void {
  if (opcode !== 8) {
    events.push([opcode === 9 ? 'ping' : 'pong', Buffer.from(payload).toString('hex')])
    return
  }
  if (payload.length === 0) throw new End(['close', 1005, ''])
  const code = payload.length === 1 ? -1 : Buffer.from(payload).readUInt16BE(0)
  const isKnown = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014].includes(code)
  if (!isKnown && !(code >= 3000 && code < 5000)) throw new End(['error', 'CLOSE_FRAME_INVALID', 1002])
  const reason = payload.subarray(2)
  if (!isUtf8(reason)) throw new End(['error', 'TEXT_NOT_UTF8', 1007])
  throw new End(['close', code, decode(reason)])
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Whether some text begins with these bytes: up to three are missing of its last character. */
function beginsUtf8(bytes: Uint8Array): boolean {
  const endings = ['', '80', '90', 'a0', '8080', '9080', 'a080', '808080', '908080']
  return endings.some((ending) => isUtf8(new Uint8Array(Buffer.concat([bytes, Buffer.from(ending, 'hex')]))))
}
