import { clientFrame, closePayload, serverFrame } from '../wire/frames.ts'

/** Bytes to write, or bytes that must have come before the case goes on. */
export type Step =
  | {
      readonly kind: 'send'
      readonly bytes: Buffer
      /** How many octets reach the server at a time; all of them when it is left out. */
      readonly chop?: number
    }
  | { readonly kind: 'get'; readonly bytes: Buffer }

/**
 * How a connection must end.
 *
 * `clean`: the client's close frame with 1000 is answered with exactly the same code. `answered`: the case has sent a close
 * frame itself, and these bytes answer it. `failed`: the server sends a close frame with this code on its own. After each the
 * server ends the TCP connection, and nothing else was sent in between.
 */
export type Ending =
  | { readonly kind: 'clean' }
  | { readonly kind: 'answered'; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly code: number }

/** One row of the table: bytes in, bytes out. */
export interface ConformanceCase {
  /** Number of the case in the Autobahn testsuite. */
  readonly id: string
  /** What is sent, in words. */
  readonly sends: string
  readonly steps: readonly Step[]
  readonly ending: Ending
  /** The suite itself leaves the outcome open; the row still pins what this server does. */
  readonly isInformational?: true
  readonly note?: string
}

/** First octets of frames with FIN: opcodes of RFC 6455 section 5.2. */
export const TEXT = 0x81
export const BINARY = 0x82
export const CLOSE = 0x88
export const PING = 0x89
export const PONG = 0x8a
/** First octets of the fragments of a message. */
export const TEXT_START = 0x01
export const MORE = 0x00
export const LAST = 0x80

/** A close status: RFC 6455 section 7.4.1. */
export const PROTOCOL_ERROR = 1002
export const INVALID_PAYLOAD = 1007

export const CLEAN: Ending = { kind: 'clean' }

/** The connection is failed with a code. */
export function failed(code: number): Ending {
  return { kind: 'failed', code }
}

/** The close frame of the case is answered with this payload. */
export function answered(payload: Uint8Array): Ending {
  return { kind: 'answered', bytes: serverFrame(CLOSE, payload) }
}

/** Sends frames in one piece. */
export function send(...frames: readonly Buffer[]): Step {
  return { kind: 'send', bytes: Buffer.concat(frames) }
}

/** Sends frames in pieces of so many octets. */
export function sendChopped(chop: number, ...frames: readonly Buffer[]): Step {
  return { kind: 'send', bytes: Buffer.concat(frames), chop }
}

/** Sends every frame in a piece of its own. */
export function sendApart(...frames: readonly Buffer[]): Step[] {
  return frames.map((bytes) => ({ kind: 'send', bytes }))
}

/** Waits for exactly these frames. */
export function get(...frames: readonly Buffer[]): Step {
  return { kind: 'get', bytes: Buffer.concat(frames) }
}

/** A masked frame from the client; the payload may be given as text. */
export function frame(first: number, payload: string | Uint8Array = ''): Buffer {
  return clientFrame(first, Buffer.from(payload))
}

/** A frame that the server must send. */
export function reply(first: number, payload: string | Uint8Array = ''): Buffer {
  return serverFrame(first, Buffer.from(payload))
}

/** A close frame from the client. */
export function closeFrame(code: number, reason: string | Uint8Array = ''): Buffer {
  return clientFrame(CLOSE, closePayload(code, Buffer.from(reason)))
}
