import type { BaseContext, Kind } from '../chain/base-context.ts'
import { BodyReader, type BodyLimits } from './body-reader.ts'
import { Cookies } from './cookies.ts'
import { fileReply, type FileOptions } from './file-reply.ts'
import { Html } from './html.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { jsonReply } from './json-reply.ts'
import { redirectReply } from './redirect-reply.ts'
import { ReplyHeaders } from './reply-headers.ts'
import { Reply } from './reply.ts'
import { RequestHeaders } from './request-headers.ts'
import { toFetchRequest } from './to-fetch-request.ts'

/** What is told to {@link HttpContext.after} when an answer is over. */
export interface Sent {
  /** Status of the answer; 0 when none was sent. */
  readonly status: number
  /** Whether the client left before the answer was complete. */
  readonly aborted: boolean
  /** What the handler, the chain or the sending threw. */
  readonly error: unknown
}

/**
 * One HTTP request, or one WebSocket handshake, as handlers and middleware see it.
 *
 * Lazy: what is not touched is never parsed or built. With a schema for a part (`params`, `query`, `headers`, `body`) the
 * handler finds the validated value under that name; without one, the reader described here.
 */
export class RequestContext implements BaseContext {
  readonly kind: Kind
  readonly #request: IncomingRequest
  readonly #limits: BodyLimits
  route = ''
  params: Readonly<Record<string, string>>
  #query: URLSearchParams | undefined
  #headers: RequestHeaders | undefined
  #cookies: Cookies | undefined
  #body: BodyReader | undefined
  #url: URL | undefined
  #fetchRequest: Request | undefined
  #replyHeaders: ReplyHeaders | undefined
  #afterCallbacks: ((sent: Sent) => void)[] | undefined

  constructor(kind: Kind, request: IncomingRequest, params: Readonly<Record<string, string>>, limits: BodyLimits) {
    this.kind = kind
    this.#request = request
    this.params = params
    this.#limits = limits
  }

  get method(): string {
    return this.#request.method
  }

  /** Path as sent, percent escapes kept, without the query. */
  get path(): string {
    return this.#request.path
  }

  get host(): string {
    return this.#request.host
  }

  get scheme(): 'http' | 'https' {
    return this.#request.scheme
  }

  get ip(): string {
    return this.#request.ip
  }

  get signal(): AbortSignal {
    return this.#request.signal
  }

  /** The whole URL; its host is what the client sent. */
  get url(): URL {
    return (this.#url ??= new URL(requestTarget(this.#request), `${this.scheme}://${this.host || 'localhost'}`))
  }

  /** The query as `URLSearchParams`. */
  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#request.search))
  }

  /** The request's headers; `c.header(name)` is quicker for one. */
  get headers(): RequestHeaders {
    return (this.#headers ??= new RequestHeaders(this.#request))
  }

  header(name: string): string | undefined {
    return this.#request.header(name.toLowerCase())
  }

  /** Cookies of the request, and those to set with the answer. */
  get cookies(): Cookies {
    return (this.#cookies ??= new Cookies(this.#request.header('cookie'), (line) => {
      this.appendHeader('set-cookie', line)
    }))
  }

  /** Reads the body: `c.body.json()`, `text()`, `form()`, `bytes()` or `stream()`. */
  get body(): BodyReader {
    return (this.#body ??= new BodyReader(this.#request, this.#limits))
  }

  /** The request as a standard `Request`; its body and `c.body` are one, so read only one of them. */
  get request(): Request {
    return (this.#fetchRequest ??= toFetchRequest(this.#request, this.url, this.#limits.bodyLimitBytes))
  }

  /** The platform's own request object: `IncomingMessage` on Node, `Request` in `app.fetch`. */
  get raw(): unknown {
    return this.#request.raw
  }

  /** Sets a header of the answer, whichever it will be, an error's included; the answer's own value wins. */
  setHeader(name: string, value: string): void {
    ;(this.#replyHeaders ??= new ReplyHeaders()).set(name, value)
  }

  /** Adds a header line to the answer, whichever it will be, an error's included. */
  appendHeader(name: string, value: string): void {
    ;(this.#replyHeaders ??= new ReplyHeaders()).append(name, value)
  }

  /** Calls back once when the answer was sent or the client has gone: the place for logs and metrics. */
  after(callback: (sent: Sent) => void): void {
    ;(this.#afterCallbacks ??= []).push(callback)
  }

  /** Answers with JSON. */
  json<const T>(value: T, status = 200): Reply<T> {
    return jsonReply(value, status)
  }

  /** Answers with plain text in UTF-8. */
  text(text: string, status = 200): Reply<string> {
    return new Reply(status, text, 'text/plain; charset=utf-8')
  }

  /** Answers with HTML: what the `html` template made, or a string that is trusted as it is. */
  html(content: Html | string, status = 200): Reply<string> {
    return new Reply(status, String(content), 'text/html; charset=utf-8')
  }

  /** Answers without a body. */
  empty(status = 204): Reply<undefined> {
    return new Reply(status, null, undefined)
  }

  /**
   * Sends the client elsewhere.
   *
   * @param status 301, 302 (default), 303, 307 or 308.
   */
  redirect(location: string, status = 302): Reply<undefined> {
    return redirectReply(location, status)
  }

  /** Answers with a file: type, validators, 304 and ranges (RFC 9110 sections 13 and 14). */
  file(path: string, options?: FileOptions): Promise<Reply> {
    return fileReply(this, path, options)
  }

  /** For the layers that send the answer; not for handlers. */
  static replyHeaders(c: RequestContext): ReplyHeaders | undefined {
    return c.#replyHeaders
  }

  /** For the layers that send the answer; not for handlers. */
  static afterCallbacks(c: RequestContext): readonly ((sent: Sent) => void)[] | undefined {
    return c.#afterCallbacks
  }
}

function requestTarget(request: IncomingRequest): string {
  const path = request.path.startsWith('/') ? request.path : '/'
  // A leading `//` would make the path a host.
  const safePath = path.startsWith('//') ? `/.${path}` : path
  return request.search === '' ? safePath : `${safePath}?${request.search}`
}
