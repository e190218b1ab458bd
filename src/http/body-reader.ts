import { GoWebError } from '../errors/goweb-error.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { isJsonType, parseMediaType, type MediaType } from './media-type.ts'
import { parseJson } from './parse-json.ts'

/** What a request body may cost. */
export interface BodyLimits {
  /** Bytes of the whole body. */
  readonly bodyLimitBytes: number
  /** Levels of arrays and objects in a JSON body. */
  readonly jsonDepth: number
  /** Fields of an urlencoded form. */
  readonly formFields: number
}

/** 1 MiB; 64 levels, as many as .NET allows and more than documents need; 1,000 fields. */
export const DEFAULT_BODY_LIMITS: BodyLimits = {
  bodyLimitBytes: 1_048_576,
  jsonDepth: 64,
  formFields: 1_000,
}

// What is a subset of UTF-8 or another label of it (WHATWG Encoding section 4.2).
const UTF8_CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii'])

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the body of one request.
 *
 * The bytes are kept, so `json`, `text`, `form` and `bytes` may be called one after the other; `stream` is for a body that
 * nothing else reads. Every reader rejects with `BODY_TOO_LARGE` beyond the limit, `BODY_ABORTED` when the client leaves
 * and `BODY_ALREADY_READ` after the body was streamed. `json`, `text` and `form` decode UTF-8 strictly
 * (`BODY_NOT_UTF8`, a byte order mark is dropped) and refuse other charsets (`MEDIA_TYPE_UNSUPPORTED`) and any
 * Content-Encoding (`CONTENT_ENCODING_UNSUPPORTED`); `bytes` and `stream` give what was sent.
 *
 * @example
 * app.post('/notes', async (c) => c.json(await notes.add(await c.body.text()), 201))
 */
export class BodyReader {
  readonly #request: IncomingRequest
  readonly #limits: BodyLimits
  #bytes: Promise<Uint8Array> | undefined

  constructor(request: IncomingRequest, limits: BodyLimits) {
    this.#request = request
    this.#limits = limits
  }

  /**
   * The body parsed as JSON; unchecked, so better read with a `body` schema.
   *
   * @throws `MEDIA_TYPE_UNSUPPORTED` unless the Content-Type is `application/json` or ends in `+json`, and
   * `JSON_INVALID`, `JSON_TOO_DEEP`, `JSON_KEY_FORBIDDEN`.
   */
  async json<T = unknown>(): Promise<T> {
    const type = this.#mediaType()
    if (type === undefined || !isJsonType(type.essence)) throw unsupported('application/json', type)
    const text = await this.#decode(type)
    // The caller names the type; it is as unchecked as that of `Response.json()`.
    return parseJson(text, this.#limits.jsonDepth) as T
  }

  /** The body as text, whatever its media type. */
  async text(): Promise<string> {
    return this.#decode(this.#mediaType())
  }

  /**
   * The fields of a form sent as `application/x-www-form-urlencoded`.
   *
   * @throws `MEDIA_TYPE_UNSUPPORTED` for other types, `FORM_TOO_LARGE` for too many fields.
   */
  async form(): Promise<URLSearchParams> {
    const type = this.#mediaType()
    if (type?.essence !== 'application/x-www-form-urlencoded') {
      throw unsupported('application/x-www-form-urlencoded', type)
    }
    const text = await this.#decode(type)
    if (hasMoreFields(text, this.#limits.formFields)) {
      throw new GoWebError('FORM_TOO_LARGE', `The form has more than ${this.#limits.formFields} fields`)
    }
    // A leading `?` belongs to the first name; the constructor would drop it.
    return new URLSearchParams(text.startsWith('?') ? `?${text}` : text)
  }

  /** The whole body, empty when there is none. The array is the reader's own: copy before changing it. */
  bytes(): Promise<Uint8Array> {
    return (this.#bytes ??= this.#request.bytes(this.#limits.bodyLimitBytes))
  }

  /** The body as it comes, with backpressure; once. The limit holds here too. */
  stream(): ReadableStream<Uint8Array> {
    return this.#request.stream(this.#limits.bodyLimitBytes)
  }

  #mediaType(): MediaType | undefined {
    const header = this.#request.header('content-type')
    return header === undefined ? undefined : parseMediaType(header)
  }

  async #decode(type: MediaType | undefined): Promise<string> {
    if (type?.charset !== undefined && !UTF8_CHARSETS.has(type.charset)) {
      throw new GoWebError('MEDIA_TYPE_UNSUPPORTED', 'The charset of the body must be utf-8')
    }
    const encoding = this.#request.header('content-encoding')
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity' && encoding !== '') {
      throw new GoWebError('CONTENT_ENCODING_UNSUPPORTED', 'The body must not be compressed', {
        // RFC 9110 section 12.5.3: tells the client what it may send.
        headers: { 'accept-encoding': 'identity' },
      })
    }
    const bytes = await this.bytes()
    try {
      return decoder.decode(bytes)
    } catch {
      throw new GoWebError('BODY_NOT_UTF8')
    }
  }
}

function unsupported(expected: string, type: MediaType | undefined): GoWebError {
  const came = type === undefined ? 'without a valid Content-Type' : `as ${type.essence}`
  const hint = type?.essence === 'multipart/form-data' ? '; multipart has a middleware of its own' : ''
  return new GoWebError(
    'MEDIA_TYPE_UNSUPPORTED',
    `The body must be sent as ${expected}, but came ${came}${hint}`,
  )
}

function hasMoreFields(text: string, limit: number): boolean {
  let count = 1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) if (++count > limit) return true
  return false
}
