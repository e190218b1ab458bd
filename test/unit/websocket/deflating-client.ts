import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { ParserEvent } from './parse-stream.ts'

const TAIL = Buffer.from([0, 0, 0xff, 0xff])
const EMPTY = new Uint8Array(0)

/** A message as a client deflates it (RFC 7692 section 7.2.1), with what it may refer to. */
export function deflated(message: string | Uint8Array, history: Uint8Array = EMPTY, windowBits = 15): Buffer {
  const flushed = deflateRawSync(message, {
    finishFlush: constants.Z_SYNC_FLUSH,
    windowBits: Math.max(9, windowBits),
    ...(history.length > 0 && { dictionary: history.subarray(-(2 ** windowBits)) }),
  })
  return flushed.subarray(0, -4)
}

/** What a client makes of the events of a server: deflated messages are inflated, with its own window where there is takeover. */
export class InflatingClient {
  readonly #hasTakeover: boolean
  #window: Uint8Array = EMPTY
  /** How many messages came deflated. */
  deflatedCount = 0

  constructor(hasTakeover: boolean) {
    this.#hasTakeover = hasTakeover
  }

  texts(events: readonly ParserEvent[]): string[] {
    return events.flatMap((event) => {
      if (event[0] === 'text') return [event[1]]
      return event[0] === 'deflated text' ? [this.#inflate(event[1]).toString()] : []
    })
  }

  #inflate(payload: string): Buffer {
    this.deflatedCount++
    const message = inflateRawSync(Buffer.concat([Buffer.from(payload, 'hex'), TAIL]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#window.length > 0 && { dictionary: this.#window }),
    })
    if (this.#hasTakeover) this.#window = Buffer.concat([this.#window, message]).subarray(-32_768)
    return message
  }
}
