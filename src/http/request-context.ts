import type {
  ChannelAccess,
  ChannelParams,
  ChannelPosition,
  ChannelPublishOptions,
  Positioned,
} from '../chain/channel-access.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { BodyReader, type BodyLimits } from './body-reader.ts'
import { Cookies } from './cookies.ts'
import { fileReply, type FileOptions } from './file-reply.ts'
import type { Html } from './html.ts'
import type { HttpContext } from './http-context.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { jsonReply } from './json-reply.ts'
import { redirectReply } from './redirect-reply.ts'
import { ReplyHeaders } from './reply-headers.ts'
import { Reply, type OutputAt, type Sent } from './reply.ts'
import { RequestHeaders } from './request-headers.ts'
import { toFetchRequest } from './to-fetch-request.ts'

/**
 * What is made when it is asked for.
 *
 * Apart from the context, since most requests ask for little of it: each field of a context costs every request.
 */
class LazyParts {
  query: URLSearchParams | undefined = undefined
  headers: RequestHeaders | undefined = undefined
  cookies: Cookies | undefined = undefined
  body: BodyReader | undefined = undefined
  url: URL | undefined = undefined
  fetchRequest: Request | undefined = undefined
  replyHeaders: ReplyHeaders | undefined = undefined
  appended: Set<string> | undefined = undefined
  afterCallbacks: ((sent: Sent) => void)[] | undefined = undefined
}

/** The {@link HttpContext} over a runtime's {@link IncomingRequest}. */
export class RequestContext implements HttpContext {
  readonly kind: 'http' | 'upgrade'
  readonly #request: IncomingRequest
  readonly #limits: BodyLimits
  route = ''
  params: Readonly<Record<string, string>>
  #lazy: LazyParts | undefined = undefined
  #hasMadeReply = false
  #isLogged = false
  #channels: ChannelAccess | undefined = undefined

  constructor(
    kind: 'http' | 'upgrade',
    request: IncomingRequest,
    params: Readonly<Record<string, string>>,
    limits: BodyLimits,
  ) {
    this.kind = kind
    this.#request = request
    this.params = params
    this.#limits = limits
  }

  #parts(): LazyParts {
    return (this.#lazy ??= new LazyParts())
  }

  get method(): string {
    return this.#request.method
  }

  get path(): string {
    return this.#request.path
  }

  /** What follows the path's `?`. */
  get search(): string {
    return this.#request.search
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

  /** Requests and handshakes come over none. */
  get connection(): undefined {
    return undefined
  }

  get channels(): ChannelAccess {
    if (this.#channels === undefined) throw new GoWebError('CHANNELS_NOT_SERVED')
    return this.#channels
  }

  publish(channel: string, ...message: readonly unknown[]): Promise<ChannelPosition> {
    return this.channels.publish(channel, ...(message as [event: string, data: unknown]))
  }

  position(channel: string, params?: ChannelParams): Promise<ChannelPosition> {
    return this.channels.position(channel, params as ChannelParams)
  }

  withPosition(channel: string, ...args: readonly unknown[]): Promise<Positioned<never>> {
    return this.channels.withPosition(channel, ...(args as [load: () => never]))
  }

  remove(channel: string, key: string, options?: ChannelPublishOptions): Promise<ChannelPosition> {
    return this.channels.remove(channel, key, options)
  }

  get url(): URL {
    return (this.#parts().url ??= urlOf(this.#request))
  }

  get query(): URLSearchParams {
    // URLSearchParams drops one leading `?`, which in a query that begins with one is a part of the first name.
    return (this.#parts().query ??= new URLSearchParams(`?${this.#request.search}`))
  }

  get headers(): RequestHeaders {
    return (this.#parts().headers ??= new RequestHeaders(this.#request))
  }

  header(name: string): string | undefined {
    return this.#request.header(name.toLowerCase())
  }

  get cookies(): Cookies {
    return (this.#parts().cookies ??= new Cookies(
      this.#request.header('cookie'),
      (line) => this.appendHeader('set-cookie', line),
      this.scheme === 'https',
    ))
  }

  get body(): BodyReader {
    return (this.#parts().body ??= new BodyReader(this.#request, this.#limits))
  }

  get request(): Request {
    return (this.#parts().fetchRequest ??= toFetchRequest(
      this.#request,
      this.url,
      this.#limits.bodyLimitBytes,
    ))
  }

  get raw(): unknown {
    return this.#request.raw
  }

  setHeader(name: string, value: string): void {
    const parts = this.#parts()
    ;(parts.replyHeaders ??= new ReplyHeaders()).set(name, value)
    parts.appended?.delete(name.toLowerCase())
  }

  appendHeader(name: string, value: string): void {
    const parts = this.#parts()
    ;(parts.replyHeaders ??= new ReplyHeaders()).append(name, value)
    ;(parts.appended ??= new Set()).add(name.toLowerCase())
  }

  after(callback: (sent: Sent) => void): void {
    ;(this.#parts().afterCallbacks ??= []).push(callback)
  }

  json<const T, const Status extends number = 200>(value: T, status?: Status): Reply<OutputAt<Status, T>> {
    this.#hasMadeReply = true
    return jsonReply(value, status ?? 200) as Reply<OutputAt<Status, T>> // Differs in the type of the output only.
  }

  text<const Status extends number = 200>(text: string, status?: Status): Reply<OutputAt<Status, string>> {
    this.#hasMadeReply = true
    return new Reply(status ?? 200, text, 'text/plain; charset=utf-8')
  }

  html<const Status extends number = 200>(
    content: Html | string,
    status?: Status,
  ): Reply<OutputAt<Status, string>> {
    this.#hasMadeReply = true
    return new Reply(status ?? 200, String(content), 'text/html; charset=utf-8')
  }

  empty<const Status extends number = 204>(status?: Status): Reply<OutputAt<Status, undefined>> {
    this.#hasMadeReply = true
    return new Reply(status ?? 204)
  }

  redirect(location: string, status = 302): Reply<never> {
    this.#hasMadeReply = true
    return redirectReply(location, status)
  }

  file(path: string, options?: FileOptions): Promise<Reply> {
    this.#hasMadeReply = true
    return fileReply(this, path, options)
  }

  /** For the layer that makes contexts: the channels of the app that serves the request. */
  static setChannels(c: RequestContext, channels: ChannelAccess): void {
    c.#channels = channels
  }

  /** For the layer that calls the handler: what was made before is not the handler's. */
  static forgetReplies(c: RequestContext): void {
    c.#hasMadeReply = false
  }

  /** For the layer that calls the handler: whether a reply was made that may have been meant to be returned. */
  static hasMadeReply(c: RequestContext): boolean {
    return c.#hasMadeReply
  }

  /** For a middleware that logs how requests end, failures included: the app's default report need not tell them again. */
  static markLogged(c: object): void {
    if (#isLogged in c) c.#isLogged = true
  }

  /** Whether a middleware logs how the request ends. */
  static isLogged(c: RequestContext): boolean {
    return c.#isLogged
  }

  /** For the layers that send the answer; not for handlers. */
  static replyHeaders(c: RequestContext): ReplyHeaders | undefined {
    return c.#lazy?.replyHeaders
  }

  /** Whether a reply header joins those of the answer instead of giving way to them; the name in lower case. */
  static isAppended(c: RequestContext, name: string): boolean {
    return c.#lazy?.appended?.has(name) === true
  }

  /** For the layers that send the answer; not for handlers. */
  static afterCallbacks(c: RequestContext): readonly ((sent: Sent) => void)[] | undefined {
    return c.#lazy?.afterCallbacks
  }
}

/** @throws `HOST_INVALID` where the host that the client sent is none. */
function urlOf(request: IncomingRequest): URL {
  const origin = `${request.scheme}://${request.host || 'localhost'}`
  const url = URL.parse(requestTarget(request), origin)
  if (url === null) throw new GoWebError('HOST_INVALID', 'The host of the request is not valid in a URL')
  return url
}

function requestTarget(request: IncomingRequest): string {
  const path = request.path.startsWith('/') ? request.path : '/'
  // A leading `//` would make the path a host.
  const safePath = path.startsWith('//') ? `/.${path}` : path
  return request.search === '' ? safePath : `${safePath}?${request.search}`
}
