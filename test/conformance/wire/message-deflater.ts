import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'
import type { DeflateAgreement } from './deflate-agreement.ts'
import { outlineDeflate } from './deflate-outline.ts'

/** What a flush ends with, and a message is sent without (RFC 7692 section 7.2.1). */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff)
/** zlib cannot deflate with less: it takes 9 where 8 is asked for. */
const MIN_ZLIB_BITS = 9

/** The client's side of permessage-deflate, with one stream of zlib for each direction; strict in what it takes. */
export class MessageDeflater {
  readonly #agreement: DeflateAgreement
  readonly #deflate: DeflateRaw
  readonly #inflate: InflateRaw

  constructor(agreement: DeflateAgreement) {
    this.#agreement = agreement
    const { clientWindowBits, serverWindowBits } = agreement
    this.#deflate = createDeflateRaw({
      windowBits: Math.max(clientWindowBits, MIN_ZLIB_BITS),
      // Without references no window is too small.
      strategy: clientWindowBits < MIN_ZLIB_BITS ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY,
    })
    this.#inflate = createInflateRaw({ windowBits: serverWindowBits })
  }

  async deflate(payload: Buffer): Promise<Buffer> {
    const flushed = await run(this.#deflate, payload)
    if (!this.#agreement.hasClientTakeover) this.#deflate.reset()
    return flushed.subarray(0, -TAIL.length)
  }

  /** @throws when a message is not as RFC 7692 section 7.2.1 wants it, or refers to more than was agreed on. */
  async inflate(payload: Buffer): Promise<Buffer> {
    if (payload.subarray(-TAIL.length).equals(TAIL)) throw new Error('The end of the flush was not taken off')
    const { serverWindowBits, hasServerTakeover } = this.#agreement
    // Only zlib's word is taken where every distance is allowed.
    const outline = serverWindowBits < 15 ? outlineDeflate(payload) : { longestDistance: 0 }
    if (outline === undefined) throw new Error('No DEFLATE data, or cut off')
    const { longestDistance } = outline
    if (longestDistance > 2 ** serverWindowBits)
      throw new Error(`A reference over ${longestDistance} octets with ${serverWindowBits} bits`)
    const inflated = await run(this.#inflate, Buffer.concat([payload, TAIL]))
    if (!hasServerTakeover) this.#inflate.reset()
    return inflated
  }

  close(): void {
    this.#deflate.close()
    this.#inflate.close()
  }
}

/** What comes out for a piece that goes in. */
function run(stream: DeflateRaw | InflateRaw, input: Buffer): Promise<Buffer> {
  const output: Buffer[] = []
  return new Promise((resolve, reject) => {
    const collect = (chunk: Buffer): void => void output.push(chunk)
    const settle = (): void => {
      stream.off('data', collect)
      stream.off('error', reject)
      if (stream.readableEnded) reject(new Error('A last block, which this client does not expect'))
      else resolve(Buffer.concat(output))
    }
    stream.on('data', collect)
    stream.on('error', reject)
    stream.write(input)
    stream.flush(constants.Z_SYNC_FLUSH, settle)
  })
}
