import { ReplyHeaders } from './reply-headers.ts'

/** What the body of a {@link Reply} may be; a stream or iterable is sent as it comes, with backpressure. */
export type ReplyBody =
  | null
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<string | Uint8Array>

/** What is told to `c.after` when an answer is over. */
export interface Sent {
  /** Status of the answer. */
  readonly status: number
  /** Whether the client left before the answer was complete. */
  readonly aborted: boolean
  /** What the handler, the chain or the sending threw. */
  readonly error: unknown
}

/**
 * An HTTP answer before it is sent: what `c.json()` and its like return and what `next()` gives a middleware.
 *
 * Lighter than a `Response`: nothing is encoded or copied until a runtime writes it.
 */
export class Reply<Output = unknown> {
  /** For the compiler only: the type of what was given to `c.json()`. */
  declare readonly '~output'?: Output
  status: number
  body: ReplyBody
  /** Content-Type; undefined when there is none. Not among `headers`. */
  type: string | undefined
  /** What `c.json()` was given, for a response schema to check. */
  value: unknown = undefined
  /** Called once by the runtime when the answer was sent or given up. */
  onSent: ((sent: { aborted: boolean; error: unknown }) => void) | undefined = undefined
  #headers: ReplyHeaders | undefined

  constructor(status: number, body: ReplyBody = null, type?: string) {
    this.status = status
    this.body = body
    this.type = type
  }

  /** Headers besides Content-Type; Content-Length and Date are the runtime's. */
  get headers(): ReplyHeaders {
    return (this.#headers ??= new ReplyHeaders())
  }

  /** Whether any header was set; lets a runtime skip `headers`. */
  get hasHeaders(): boolean {
    return this.#headers !== undefined
  }
}

/** The output type of a {@link Reply}. */
export type ReplyOutput<R> = R extends { readonly '~output'?: infer Output } ? Output : never

/** What a typed client gets for a status: errors and redirects are no output. */
export type OutputAt<Status extends number, Output> = `${Status}` extends `${3 | 4 | 5}${string}`
  ? never
  : Output
