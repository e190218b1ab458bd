import type { Next } from '../chain/middleware.ts'
import { defineMiddleware } from '../http/define-middleware.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { HttpMiddleware } from '../http/http-middleware.ts'
import { Reply, type ReplyBody } from '../http/reply.ts'
import { cancelBody } from './body/cancel-body.ts'
import { EncodedBody } from './compress/encoded-body.ts'
import {
  createEncoder,
  DEFAULT_LEVELS,
  isAvailable,
  LEVEL_RANGES,
  type Coding,
  type Encoder,
  type Levels,
} from './compress/encoders.ts'
import { isCompressibleType } from './encoding/is-compressible-type.ts'
import { EncodingChooser } from './encoding/choose-encoding.ts'
import { AnswerHeaders, varyBy } from './headers/answer-headers.ts'
import { OptionReader, show } from './options/option-reader.ts'

export { isCompressibleType } from './encoding/is-compressible-type.ts'
export type { Coding } from './compress/encoders.ts'

/** Options of {@link compress}. */
export interface CompressOptions {
  /** Codings to use, the preferred first among those a client likes equally. Default: br, zstd, gzip, deflate. */
  readonly encodings?: readonly Coding[]
  /** Answers of known size below this are sent as they are. Default: 1,024 bytes. */
  readonly thresholdBytes?: number
  /** Effort by coding. Default: br 4 (of 11), zstd 3 (of 19), gzip and deflate 6 (of 9). */
  readonly levels?: Partial<Levels>
  /**
   * Decides by media type, and by request, what is compressed. Default: {@link isCompressibleType}, which leaves out what is
   * compressed already, and event streams, since an encoder for each would hold memory as long as it lives.
   */
  readonly isCompressible?: (type: string, c: HttpContext) => boolean
}

const KNOWN = ['encodings', 'thresholdBytes', 'levels', 'isCompressible']
const CODINGS = Object.keys(DEFAULT_LEVELS) as readonly Coding[]
const NO_TRANSFORM = /(?:^|,)\s*no-transform\s*(?:,|$)/i
// Encoded or a part already; or with a digest (RFC 9530), which covers the bytes as sent, so that changing those would break it.
const UNTOUCHABLE = [
  'content-encoding',
  'content-range',
  'content-digest',
  'repr-digest',
  'digest',
  'content-md5',
]

/**
 * Compresses answers with br, zstd, gzip or deflate, by Accept-Encoding.
 *
 * Left as they are: small answers, types that do not get smaller, 204, 206, 304, what has a Content-Encoding or a digest, and
 * `Cache-Control: no-transform`. An entity tag becomes weak, since the bytes are others; `Vary: Accept-Encoding` is added wherever
 * another client could get another encoding. HEAD gets the headers of GET. Streams are encoded as they come, with
 * backpressure, and flushed whenever they pause; when the client leaves, encoder and source are freed at once. A client that
 * refuses identity (`identity;q=0`) gets small and other types compressed too. Whole answers are encoded off the main thread.
 *
 * Compression tells the length of what is compressed, so an answer that holds both a secret (a CSRF token, say) and text
 * that an attacker chose can leak the secret (the BREACH attack). Mask such tokens anew for each answer, or exclude those
 * answers with `Cache-Control: no-transform` or `isCompressible`.
 *
 * @throws `COMPRESS_OPTIONS_INVALID` when constructed with wrong options.
 * @example
 * app.use(compress({ encodings: ['br', 'gzip'] }))
 */
export function compress(options?: CompressOptions): HttpMiddleware {
  const read = new OptionReader('compress', 'COMPRESS_OPTIONS_INVALID', options, KNOWN)
  const encoders = createEncoders(read)
  const chooser = new EncodingChooser([...encoders.keys()])
  const threshold = read.integer('thresholdBytes', 1_024, 0, Number.MAX_SAFE_INTEGER)
  read.checkFunction('isCompressible')
  const isCompressible = options?.isCompressible ?? isCompressibleType

  const middleware = defineMiddleware(['http'], async (c: HttpContext, next: Next<Reply>) => {
    const reply = await next()
    if (reply.status === 304) {
      // RFC 9110 section 15.4.5: as a 200 would have it.
      varyBy(c, reply, 'Accept-Encoding')
      return reply
    }
    const headers = new AnswerHeaders(c, reply)
    if (!mayEncode(reply, headers)) return reply
    const type = headers.get('content-type') ?? reply.type
    const choice = chooser.choose(c.header('accept-encoding'))
    const isOfType = type !== undefined && isCompressible(type, c)
    if (!isOfType && !choice.refusesIdentity) return reply
    const size = sizeOf(reply.body, headers)
    if (size !== undefined && (size === 0 || (size < threshold && !choice.refusesIdentity))) return reply
    varyBy(c, reply, 'Accept-Encoding')
    const [coding] = choice.codings
    const encoder = coding === undefined ? undefined : encoders.get(coding)
    if (coding === undefined || encoder === undefined) return reply
    const body = c.method === 'HEAD' ? withoutContent(reply.body) : await encodedBody(reply.body, encoder)
    const isLarger = body instanceof Uint8Array && size !== undefined && body.byteLength >= size
    if (isLarger && !choice.refusesIdentity) return reply
    headers.deleteFromContext('content-length')
    headers.deleteFromContext('accept-ranges')
    return encodedReply(reply, body, coding, headers.get('etag'))
  })
  return middleware
}

/** A body for HEAD whose length is not told, since it is not known without encoding. */
function withoutContent(body: ReplyBody): ReplyBody {
  cancelBody(body)
  return NO_CONTENT
}

const NO_CONTENT: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
}

function mayEncode(reply: Reply, headers: AnswerHeaders): boolean {
  const { status } = reply
  if (status < 200 || status === 204 || status === 205 || status === 206) return false
  // A HEAD of a file has no body, but the length of the one that GET would get.
  if (reply.body === null && !headers.has('content-length')) return false
  if (UNTOUCHABLE.some((name) => headers.has(name))) return false
  const cacheControl = headers.get('cache-control')
  return cacheControl === undefined || !NO_TRANSFORM.test(cacheControl)
}

/** Bytes of the content, undefined for a stream that does not tell. */
function sizeOf(body: ReplyBody, headers: AnswerHeaders): number | undefined {
  if (typeof body === 'string') return Buffer.byteLength(body)
  if (body instanceof Uint8Array) return body.byteLength
  const told = headers.get('content-length')
  return told === undefined ? undefined : Number(told)
}

async function encodedBody(body: ReplyBody, encoder: Encoder): Promise<ReplyBody> {
  if (body === null) return null
  if (typeof body === 'string') return encoder.encode(Buffer.from(body))
  return body instanceof Uint8Array ? encoder.encode(body) : new EncodedBody(body, encoder)
}

/** A copy, since a handler may keep the reply and give it to others. */
function encodedReply(reply: Reply, body: ReplyBody, coding: string, etag: string | undefined): Reply {
  const encoded = new Reply(reply.status, body, reply.type)
  encoded.onSent = reply.onSent
  const { headers } = encoded
  if (reply.hasHeaders) for (const [name, value] of reply.headers) headers.append(name, value)
  headers.set('content-encoding', coding)
  headers.delete('content-length')
  // Ranges of the plain file are not ranges of what is sent.
  headers.delete('accept-ranges')
  if (etag?.startsWith('"') === true) headers.set('etag', `W/${etag}`)
  return encoded
}

function createEncoders(read: OptionReader): ReadonlyMap<string, Encoder> {
  const codings =
    read.strings('encodings', /^(?:br|zstd|gzip|deflate)$/, 'br, zstd, gzip and deflate') ?? CODINGS
  if (codings.length === 0) read.refuse('encodings', 'at least one coding', 'the list is empty')
  const levels = read.raw('levels') ?? {}
  if (typeof levels !== 'object') read.refuse('levels', 'an object such as { br: 4 }')
  const given = levels as Readonly<Record<string, unknown>>
  for (const name of Object.keys(levels)) {
    const level = given[name]
    const range = (LEVEL_RANGES as Readonly<Record<string, readonly [number, number]>>)[name]
    if (range === undefined)
      read.refuse('levels', `levels of ${CODINGS.join(', ')}`, `got one of ${show(name)}`)
    if (!Number.isInteger(level) || (level as number) < range[0] || (level as number) > range[1]) {
      read.refuse('levels', `${name} to be an integer from ${range[0]} to ${range[1]}`, `got ${show(level)}`)
    }
  }
  const all: Levels = { ...DEFAULT_LEVELS, ...levels }
  const encoders = new Map<string, Encoder>()
  for (const coding of codings as readonly Coding[]) {
    if (isAvailable(coding)) encoders.set(coding, createEncoder(coding, all[coding]))
  }
  return encoders
}
