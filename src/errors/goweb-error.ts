import { ERROR_CODES, type ErrorCode, type ErrorCodeEntry } from './codes.ts'

/** One thing that is wrong with an input, as it is told to the client. After the example of RFC 9457 section 3. */
export interface InputIssue {
  /** Part of the request: `body`, `query`, `params` or `headers`. */
  readonly in: string
  /** JSON pointer (RFC 6901) into that part; `''` is all of it. */
  readonly pointer: string
  /** What is wrong, for a person. */
  readonly detail: string
}

/** Options of {@link GoWebError}. */
export interface GoWebErrorOptions {
  /** The error that led to this one. Logged, never sent to a client. */
  readonly cause?: unknown
  /** HTTP status instead of the code's own. */
  readonly status?: number
  /** Headers of the HTTP answer, such as `allow` or `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>
  /** What is wrong with the input, all of it at once. */
  readonly issues?: readonly InputIssue[]
}

/**
 * The one error class of GoWeb: a documented code, an HTTP status and a WebSocket close code.
 *
 * Thrown in a handler, it becomes problem details (RFC 9457) on HTTP, a close frame on a socket and an error
 * reply on a channel. The message of an error whose status is below 500 is sent to the client; that of any
 * other is only logged.
 *
 * @example
 * throw new GoWebError('NOT_FOUND', `There is no user ${id}`)
 */
export class GoWebError extends Error {
  override readonly name = 'GoWebError'
  readonly code: ErrorCode
  readonly status: number
  /** WebSocket close code (RFC 6455 section 7.4); 1011 where the code has none of its own. */
  readonly closeCode: number
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly issues: readonly InputIssue[] | undefined

  constructor(code: ErrorCode, message?: string, options: GoWebErrorOptions = {}) {
    const entry: ErrorCodeEntry = ERROR_CODES[code]
    super(message ?? entry.summary, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? entry.status
    this.closeCode = entry.closeCode ?? 1011
    this.headers = options.headers
    this.issues = options.issues
  }
}

/** Tells whether a value is a {@link GoWebError}, with a known `code`. */
export function isGoWebError(value: unknown): value is GoWebError {
  return value instanceof GoWebError
}
