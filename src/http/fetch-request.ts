import { GoWebError } from '../errors/goweb-error.ts'
import { bodyTooLarge, collectStream, emptyStream, limitStream } from './body-stream.ts'
import type { IncomingRequest } from './incoming-request.ts'

/** What a `Request` does not know of itself. */
export interface FetchInfo {
  /** Address of the peer. */
  readonly ip?: string
}

/** An {@link IncomingRequest} over a standard `Request`: what `app.fetch` is given. */
export class FetchRequest implements IncomingRequest {
  readonly raw: Request
  readonly method: string
  readonly path: string
  readonly search: string
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly ip: string
  #isRead = false

  constructor(request: Request, info: FetchInfo = {}) {
    this.raw = request
    // A Request keeps the case of methods that it does not know, such as `patch`.
    this.method = request.method.toUpperCase()
    this.ip = info.ip ?? ''
    // A Request's URL is absolute and normalised: scheme, `://`, authority, then `/`, `?`, `#` or nothing.
    const { url } = request
    const hash = url.indexOf('#')
    const end = hash === -1 ? url.length : hash
    const authority = url.indexOf('://') + 3
    const slash = url.indexOf('/', authority)
    const pathStart = slash === -1 || slash > end ? end : slash
    const mark = url.indexOf('?', pathStart)
    const pathEnd = mark === -1 || mark > end ? end : mark
    this.scheme = url.startsWith('https:') ? 'https' : 'http'
    this.host = url.slice(url.lastIndexOf('@', pathStart) + 1 || authority, pathStart)
    this.path = pathStart === pathEnd ? '/' : url.slice(pathStart, pathEnd)
    this.search = pathEnd === end ? '' : url.slice(pathEnd + 1, end)
  }

  get signal(): AbortSignal {
    return this.raw.signal
  }

  header(name: string): string | undefined {
    const value = this.raw.headers.get(name)
    // A Request has its host in the URL; a server's request has it in a header too.
    if (value === null) return name === 'host' ? this.host : undefined
    return value
  }

  *headers(): Iterable<[name: string, value: string]> {
    const { headers } = this.raw
    if (!headers.has('host')) yield ['host', this.host]
    yield* headers
  }

  async bytes(limitBytes: number): Promise<Uint8Array> {
    const body = this.#take(limitBytes)
    if (body === null) return new Uint8Array(0)
    return collectStream(body, limitBytes)
  }

  stream(limitBytes: number): ReadableStream<Uint8Array> {
    return limitStream(this.#take(limitBytes) ?? emptyStream(), limitBytes)
  }

  #take(limitBytes: number): ReadableStream<Uint8Array> | null {
    const { raw } = this
    if (this.#isRead || raw.bodyUsed || raw.body?.locked === true) throw new GoWebError('BODY_ALREADY_READ')
    const declared = raw.headers.get('content-length')
    if (declared !== null && Number(declared) > limitBytes) throw bodyTooLarge(limitBytes)
    this.#isRead = true
    return raw.body
  }
}
