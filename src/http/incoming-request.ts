/**
 * What a runtime gives of one HTTP request; the port between platforms and the HTTP layer.
 *
 * Nothing is built before it is asked for. `app.fetch` and `runtime/bun` implement it over a `Request`,
 * `runtime/node` over an `IncomingMessage`.
 */
export interface IncomingRequest {
  /** Upper-case method token. */
  readonly method: string
  /** Path as received, percent escapes kept, without query; `*` for `OPTIONS *`. */
  readonly path: string
  /** What follows the first `?` of the target, without it; `''` when there is none. */
  readonly search: string
  readonly scheme: 'http' | 'https'
  /** Authority as sent (Host or `:authority`), with its port. */
  readonly host: string
  /** Address of the peer; `''` when unknown. */
  readonly ip: string
  /** Value of one header, several joined by `, ` (RFC 9110 section 5.3); the name in lower case. */
  header(name: string): string | undefined
  /** All headers, names in lower case, values joined. */
  headers(): Iterable<[name: string, value: string]>
  /** Aborted when the client leaves before the answer is complete. Made on first use. */
  readonly signal: AbortSignal
  /**
   * Reads the whole body.
   *
   * @throws `BODY_TOO_LARGE` beyond `limitBytes` (checked against Content-Length first), `BODY_ABORTED` when the client
   * leaves in the middle, `BODY_ALREADY_READ` on a second read by any method, and where the body is gone: read from `raw`, or
   * dropped with the answer.
   */
  bytes(limitBytes: number): Promise<Uint8Array>
  /** The body as a stream, errors as for `bytes`; an empty one when there is none. */
  stream(limitBytes: number): ReadableStream<Uint8Array>
  /** The platform's own request object. */
  readonly raw: unknown
}
