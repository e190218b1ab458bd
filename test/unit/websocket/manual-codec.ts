import { ZlibCodec } from '../../../src/runtime/zlib-codec.ts'
import { resolveCompression, type CompressionOptions } from '../../../src/websocket/compression-options.ts'
import type { CompressionSetup } from '../../../src/websocket/compression-setup.ts'
import type {
  DeflateCodec,
  DeflateRequest,
  InflateRequest,
  InflateResult,
} from '../../../src/websocket/deflate-codec.ts'
import { acceptDeflateOffer } from '../../../src/websocket/deflate-offer.ts'
import { parseExtensions } from '../../../src/websocket/extension-header.ts'

/** A codec that finishes larger requests when the test says so. */
export class ManualCodec implements DeflateCodec {
  readonly maxBytesAtOnce: number
  /** Requests that are not finished, first come first. */
  readonly waiting: (() => void)[] = []
  /** Fails everything from now on. */
  isBroken = false
  /** How many messages were deflated. */
  deflations = 0
  readonly #zlib: ZlibCodec = new ZlibCodec()

  constructor(maxBytesAtOnce = 1_000) {
    this.maxBytesAtOnce = maxBytesAtOnce
  }

  inflate(request: InflateRequest, onResult: (result: InflateResult) => void): InflateResult | undefined {
    // The payload is lent, and so small that this codec works at once.
    const { payload, history, windowBits, maxBytes } = request
    const now = { payload, history, windowBits, maxBytes, isAtOnce: true, isWanted: true }
    const result = this.#zlib.inflate(now, () => {}) ?? 'failed'
    if (request.isAtOnce && payload.length <= this.maxBytesAtOnce) return result
    this.waiting.push(() => onResult(this.isBroken ? 'failed' : result))
    return undefined
  }

  deflateAtOnce(request: DeflateRequest): Uint8Array | undefined {
    this.deflations++
    return this.isBroken ? undefined : this.#zlib.deflateAtOnce(request)
  }

  deflate(request: DeflateRequest, onResult: (payload: Uint8Array | undefined) => void): void {
    this.waiting.push(() => onResult(this.deflateAtOnce(request)))
  }

  /** Finishes the oldest request, or the one of that index. */
  finish(index = 0): void {
    const [work] = this.waiting.splice(index, 1)
    if (work === undefined) throw new TypeError('nothing waits')
    work()
  }
}

/** What a handshake with an offer and options leads to. */
export function compression(
  options: CompressionOptions = {},
  codec: DeflateCodec = new ManualCodec(),
  offer = 'permessage-deflate; client_max_window_bits',
): CompressionSetup {
  const settings = resolveCompression('compression', options)
  if (settings === undefined) throw new TypeError('compression is off')
  const agreement = acceptDeflateOffer(parseExtensions(offer), settings)
  if (agreement === undefined) throw new TypeError(`${offer} was declined`)
  return { agreement, settings, codec }
}
