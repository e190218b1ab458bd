import { GoWebError, isGoWebError } from '../../errors/goweb-error.ts'
import { bodyTooLarge, collectStream, emptyStream, limitStream } from '../../http/body-stream.ts'
import type { IncomingRequest } from '../../http/incoming-request.ts'
import type { BodyDeadlines } from './body-deadlines.ts'
import type { BunHttpServer } from './bun-api.ts'

const SLASH = 0x2f
/** Behind `https://`. */
const FIRST_OF_HOST = 8

/** What the requests of a server have in common. */
export interface RequestFacts {
  readonly scheme: 'http' | 'https'
  readonly deadlines: BodyDeadlines
  /** After so many seconds without traffic a connection that waits for another request is closed. */
  readonly idleSeconds: number
}

/** An {@link IncomingRequest} over a `Request` of `Bun.serve`; its headers are made only when one is asked for. */
export class BunRequest implements IncomingRequest {
  readonly raw: Request
  /** As the URL has it: `.`, `..` and backslashes are resolved (WHATWG URL section 4.4). */
  readonly path: string
  readonly search: string
  readonly #facts: RequestFacts
  /** Where in the URL the path begins. */
  readonly #start: number
  readonly #server: BunHttpServer
  /** Asked for once: each answer is another text. */
  #ip: string | undefined = undefined
  #isBodyTaken = false

  constructor(raw: Request, server: BunHttpServer, facts: RequestFacts) {
    this.raw = raw
    this.#server = server
    this.#facts = facts
    // `http://`, authority, then `/`; only the path where the host is none.
    const { url } = raw
    const start = url.charCodeAt(0) === SLASH ? 0 : url.indexOf('/', FIRST_OF_HOST)
    const mark = url.indexOf('?', start)
    this.#start = start
    this.path = mark === -1 ? url.slice(start) : url.slice(start, mark)
    this.search = mark === -1 ? '' : url.slice(mark + 1)
  }

  get method(): string {
    return this.raw.method
  }

  /** Host and port of the URL that Bun has made, in its normal form; `''` where it could make none. */
  get authority(): string {
    const first = this.#facts.scheme === 'https' ? FIRST_OF_HOST : FIRST_OF_HOST - 1
    return this.#start <= 0 ? '' : this.raw.url.slice(first, this.#start)
  }

  /** Whether the URL begins as that of another request did, up to the `/` behind its authority. */
  beginsWith(origin: string): boolean {
    return this.#start === origin.length - 1 && this.raw.url.startsWith(origin)
  }

  get scheme(): 'http' | 'https' {
    return this.#facts.scheme
  }

  /** @throws `HOST_INVALID` where there are several. */
  get host(): string {
    const host = this.raw.headers.get('host') ?? ''
    if (host.includes(', ')) throw new GoWebError('HOST_INVALID', 'The request has more than one Host header')
    return host
  }

  /** Whether its connection may be closed for being idle, which Bun does not know of one whose handler takes its time. */
  setIdle(mayBeIdle: boolean): void {
    this.#server.timeout(this.raw, mayBeIdle ? this.#facts.idleSeconds : 0)
  }

  /** Lets its connection live for so long, however much comes. */
  endAfter(seconds: number): void {
    this.#server.timeout(this.raw, seconds)
  }

  get ip(): string {
    return (this.#ip ??= this.#server.requestIP(this.raw)?.address ?? '')
  }

  get signal(): AbortSignal {
    return this.raw.signal
  }

  header(name: string): string | undefined {
    return this.raw.headers.get(name) ?? undefined
  }

  headers(): Iterable<[name: string, value: string]> {
    return this.raw.headers
  }

  async bytes(limitBytes: number): Promise<Uint8Array> {
    const length = this.#takeBody(limitBytes)
    // Of an unknown length: it has to be counted.
    if (length === undefined) return collectStream(this.#arriving(), limitBytes)
    if (length === 0) return new Uint8Array(0)
    try {
      return await this.#facts.deadlines.limit(this.raw.bytes())
    } catch (cause) {
      throw isGoWebError(cause) ? cause : new GoWebError('BODY_ABORTED', undefined, { cause })
    }
  }

  stream(limitBytes: number): ReadableStream<Uint8Array> {
    try {
      this.#takeBody(limitBytes)
      return limitStream(this.#arriving(), limitBytes)
    } catch (error) {
      return new ReadableStream({ start: (controller) => controller.error(error) })
    }
  }

  #arriving(): ReadableStream<Uint8Array> {
    const { body } = this.raw
    return body === null ? emptyStream() : this.#facts.deadlines.limitStream(body)
  }

  /** Marks the body as read. Returns its length where the client told it. */
  #takeBody(limitBytes: number): number | undefined {
    if (this.#isBodyTaken) {
      throw new GoWebError('BODY_ALREADY_READ', 'The body was read already; read it once and keep the result')
    }
    this.#isBodyTaken = true
    const { headers } = this.raw
    const declared = headers.get('content-length')
    if (declared === null) return headers.has('transfer-encoding') ? undefined : 0
    const length = Number(declared)
    if (length > limitBytes) throw bodyTooLarge(limitBytes)
    return length
  }
}
