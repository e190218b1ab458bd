import type { BaseContext } from '../chain/base-context.ts'
import type { BodyReader } from './body-reader.ts'
import type { Cookies } from './cookies.ts'
import type { FileOptions } from './file-reply.ts'
import type { Html } from './html.ts'
import type { OutputAt, Reply, Sent } from './reply.ts'
import type { RequestHeaders } from './request-headers.ts'

/**
 * One HTTP request, or one WebSocket handshake, as handlers and middleware see it.
 *
 * Lazy: what is not touched is never parsed or built. Where a route has a schema for `params`, `query`, `headers` or `body`,
 * its handler finds the validated value under that name; without one, the reader described here.
 */
export interface HttpContext<
  Params = Readonly<Record<string, string>>,
  Query = URLSearchParams,
  Headers = RequestHeaders,
  Body = BodyReader,
> extends Omit<BaseContext, 'params' | 'kind' | 'connection'> {
  readonly kind: 'http' | 'upgrade'
  /** Channel connections have commands; requests and handshakes come over none. */
  readonly connection: undefined
  readonly method: string
  /** Path as sent, percent escapes kept, without the query. */
  readonly path: string
  /** The query as sent, without its `?`; `''` when there is none. */
  readonly search: string
  /** Path variables, percent-decoded. */
  readonly params: Params
  /** The query: `URLSearchParams`, or the output of the route's `query` schema. */
  readonly query: Query
  /** The request's headers, or the output of the route's `headers` schema; `c.header(name)` is quicker for one. */
  readonly headers: Headers
  /** Reads the body with `json()`, `text()`, `form()`, `bytes()` or `stream()`; or the output of the route's `body` schema. */
  readonly body: Body
  /** The whole URL; its host is what the client sent. */
  readonly url: URL
  /** Cookies of the request, and those to set with the answer. */
  readonly cookies: Cookies
  /** The request as a standard `Request`; its body and `c.body` are one, so read only one of them. */
  readonly request: Request
  /**
   * The platform's own request object: `IncomingMessage` on Node, `Request` on Bun and in `app.fetch`.
   *
   * On Node the `IncomingMessage` of a request that says of no body has ended and is destroyed from the start (where there is the
   * option `optimizeEmptyRequests`: from 24.12 and 25.1 on), so it emits neither `end` nor `close`; that the client leaves is told by `c.signal`.
   */
  readonly raw: unknown
  /** Sets a header of the answer, whichever it will be, an error's included; the answer's own value wins. */
  setHeader(name: string, value: string): void
  /** Adds a header line to the answer, whichever it will be, an error's included; the answer's own lines stay. */
  appendHeader(name: string, value: string): void
  /** Calls back once when the answer was sent or the client has gone: the place for logs and metrics. */
  after(callback: (sent: Sent) => void): void
  /** Answers with JSON. Default status: 200. */
  json<const T, const Status extends number = 200>(value: T, status?: Status): Reply<OutputAt<Status, T>>
  /** Answers with plain text in UTF-8. Default status: 200. */
  text<const Status extends number = 200>(text: string, status?: Status): Reply<OutputAt<Status, string>>
  /** Answers with HTML: what the `html` template made, or a string that is trusted as it is. Default status: 200. */
  html<const Status extends number = 200>(
    content: Html | string,
    status?: Status,
  ): Reply<OutputAt<Status, string>>
  /** Answers without a body. Default status: 204. */
  empty<const Status extends number = 204>(status?: Status): Reply<OutputAt<Status, undefined>>
  /** Sends the client elsewhere with 301, 302 (default), 303, 307 or 308. */
  redirect(location: string, status?: number): Reply<never>
  /** Answers with a file: type, validators, 304 and ranges (RFC 9110 sections 13 and 14). */
  file(path: string, options?: FileOptions): Promise<Reply>
}
