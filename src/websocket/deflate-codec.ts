/** A message to inflate. */
export interface InflateRequest {
  /** The compressed message, without the four bytes that RFC 7692 section 7.2.1 takes off; lent until the call returns. */
  readonly payload: Uint8Array
  /** What the message may refer to: the end of the messages before it, at most the window. Empty without takeover. */
  readonly history: Uint8Array
  /** From 8 to 15. */
  readonly windowBits: number
  /** The most that it may come to. */
  readonly maxBytes: number
  /** Whether it may be done at once if it is small. */
  readonly isAtOnce: boolean
  /** Whether anybody still waits for the result. */
  readonly isWanted: boolean
}

/** The inflated message; or that it is larger than allowed, no DEFLATE data, or that memory ran out. */
export type InflateResult = Uint8Array | 'too large' | 'invalid' | 'failed'

/** A message to deflate. */
export interface DeflateRequest {
  readonly payload: Uint8Array
  /** What the message may refer to, as in {@link InflateRequest}; for `deflate` a copy that does not change. */
  readonly history: Uint8Array
  /** From 8 to 15: no reference goes farther back than 2 to this power. */
  readonly windowBits: number
  readonly level: number
  readonly memLevel: number
  readonly isWanted: boolean
}

/**
 * DEFLATE for messages, as a runtime provides it.
 *
 * It keeps nothing between messages: what one may refer to comes with it. So there is no context that an error could poison, and
 * nothing to free when a socket ends.
 */
export interface DeflateCodec {
  /** Messages up to this size are deflated at once; larger ones must be given to `deflate`. */
  readonly maxBytesAtOnce: number
  /**
   * Inflates a message: a small one at once if it may be, others beside the event loop.
   *
   * Never yields more than `maxBytes`, and stops as soon as there would be more. Fails on what ends in the middle of a DEFLATE
   * block, or goes on behind a last one with what is none.
   *
   * @returns undefined when the result comes later, to `onResult`.
   */
  inflate(request: InflateRequest, onResult: (result: InflateResult) => void): InflateResult | undefined
  /** Deflates a small message; undefined when memory ran out. */
  deflateAtOnce(request: DeflateRequest): Uint8Array | undefined
  /** Deflates a message of any size beside the event loop; tells undefined when memory ran out. */
  deflate(request: DeflateRequest, onResult: (payload: Uint8Array | undefined) => void): void
}
