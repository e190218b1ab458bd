import { promisify } from 'node:util'
import zlib from 'node:zlib'

/** Content codings that `compress` can make. */
export type Coding = 'br' | 'zstd' | 'gzip' | 'deflate'

/** Effort per coding: more is smaller and slower. */
export type Levels = Readonly<Record<Coding, number>>

/** One content coding at one level. */
export interface Encoder {
  /** Encodes all of it at once, off the main thread. */
  encode(bytes: Uint8Array): Promise<Uint8Array>
  createStream(): EncoderStream
  /** The kind of flush after which a decoder has all that was written. */
  readonly flushKind: number
}

/** What is used of the streams of `node:zlib`. */
export type EncoderStream = zlib.Gzip | zlib.Deflate | zlib.BrotliCompress | zlib.ZstdCompress

const { constants } = zlib

/** Levels that pay while a client waits; the highest are for files that are compressed once. */
export const DEFAULT_LEVELS: Levels = { br: 4, zstd: 3, gzip: 6, deflate: 6 }

/** From the least to the greatest level of each coding; zstd beyond 19 needs windows that browsers refuse (RFC 9659). */
export const LEVEL_RANGES: Readonly<Record<Coding, readonly [least: number, greatest: number]>> = {
  br: [0, 11],
  zstd: [1, 19],
  gzip: [1, 9],
  deflate: [1, 9],
}

/** Whether this runtime has the coding. */
export function isAvailable(coding: Coding): boolean {
  return coding !== 'zstd' || typeof zlib.createZstdCompress === 'function'
}

const brotli = promisify<Uint8Array, zlib.BrotliOptions, Uint8Array>(zlib.brotliCompress)
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.gzip)
const deflate = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.deflate)

const CREATE: Readonly<Record<Coding, (level: number) => Encoder>> = {
  br: (level) => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: level }
    return {
      encode: (bytes) =>
        brotli(bytes, { params: { ...params, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength } }),
      createStream: () => zlib.createBrotliCompress({ params }),
      flushKind: constants.BROTLI_OPERATION_FLUSH,
    }
  },
  zstd: (level) => {
    const options = { params: { [constants.ZSTD_c_compressionLevel]: level } }
    const zstd = promisify<Uint8Array, zlib.ZstdOptions, Uint8Array>(zlib.zstdCompress)
    return {
      encode: (bytes) => zstd(bytes, options),
      createStream: () => zlib.createZstdCompress(options),
      flushKind: constants.ZSTD_e_flush,
    }
  },
  gzip: (level) => ({
    encode: (bytes) => gzip(bytes, { level }),
    createStream: () => zlib.createGzip({ level }),
    flushKind: constants.Z_SYNC_FLUSH,
  }),
  // RFC 9110 section 8.4.1.2: the zlib format, not the bare one.
  deflate: (level) => ({
    encode: (bytes) => deflate(bytes, { level }),
    createStream: () => zlib.createDeflate({ level }),
    flushKind: constants.Z_SYNC_FLUSH,
  }),
}

/** Makes the encoder of a coding that this runtime has. */
export function createEncoder(coding: Coding, level: number): Encoder {
  return CREATE[coding](level)
}
