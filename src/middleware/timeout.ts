import type { Middleware, Next, Passed } from '../chain/middleware.ts'
import { defineMiddleware } from '../http/define-middleware.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { HttpContext } from '../http/http-context.ts'
import { Reply } from '../http/reply.ts'
import { cancelBody } from './body/cancel-body.ts'
import { OptionReader } from './options/option-reader.ts'
import { Deadline } from './timeout/deadline.ts'

export type { Deadline } from './timeout/deadline.ts'

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  /** How long the rest of the chain may take until its answer begins, in milliseconds. */
  readonly ms: number
  /** 503 says that this server is too slow (RFC 9110 section 15.6.4), 504 that one behind it is (15.6.5). Default: 503. */
  readonly status?: 503 | 504
  /** Sends Retry-After with this many seconds. Default: none. */
  readonly retryAfterSeconds?: number
  /**
   * Told what the handler throws after its time was up; it is dropped otherwise.
   *
   * A handler that heeds `c.deadline.signal` ends here with that signal's reason.
   */
  readonly onLateError?: (error: unknown, c: HttpContext) => void
}

/** What {@link timeout} makes: it adds `c.deadline` for requests and handshakes. */
export type TimeoutMiddleware = Middleware<{ readonly deadline: Deadline }, HttpContext> & {
  readonly kinds: readonly ('http' | 'upgrade')[]
}

// The longest delay that setTimeout knows.
const MAX_MS = 2_147_483_647

/**
 * Answers with 503 `REQUEST_TIMEOUT` when a handler takes too long.
 *
 * Adds `c.deadline` with its `signal`, by which a handler learns of it: JavaScript cannot stop a handler, so one that does not
 * look goes on, and its late result is dropped (a stream in it is cancelled). The time runs until the answer begins,
 * headers and all: a stream, download or event stream that has begun may take as long as it likes, and so may a WebSocket once
 * its handshake was answered. Nested time-outs hold each by itself.
 *
 * @throws `TIMEOUT_OPTIONS_INVALID` when constructed with wrong options.
 * @example
 * app
 *   .use(timeout(5_000))
 *   .get('/report', async (c) => c.json(await database.query(REPORT, { signal: c.deadline.signal })))
 */
export function timeout(options: number | TimeoutOptions): TimeoutMiddleware {
  const read = new OptionReader(
    'timeout',
    'TIMEOUT_OPTIONS_INVALID',
    typeof options === 'number' ? { ms: options } : options,
    ['ms', 'status', 'retryAfterSeconds', 'onLateError'],
  )
  if (read.raw('ms') === undefined) read.refuse('ms', 'a time in milliseconds', 'it is missing')
  const ms = read.integer('ms', 0, 1, MAX_MS)
  const status = read.oneOf('status', 503, [503, 504])
  const retryAfter = read.integer('retryAfterSeconds', 0, 0, 86_400)
  read.checkFunction('onLateError')
  const onLateError = typeof options === 'number' ? undefined : options.onLateError
  const message = `The answer did not begin within ${ms} ms`
  const errorOptions = { status, ...(retryAfter > 0 && { headers: { 'retry-after': String(retryAfter) } }) }

  const middleware = defineMiddleware(
    ['http', 'upgrade'],
    (c: HttpContext & { deadline?: Deadline }, next: Next) => {
      const deadline = new Deadline(ms, c.deadline, () => c.signal)
      return new Promise<Passed<{ readonly deadline: Deadline }>>((resolve, reject) => {
        let isLate = false
        const timer = setTimeout(() => {
          isLate = true
          const error = new GoWebError('REQUEST_TIMEOUT', message, errorOptions)
          Deadline.expire(deadline, error)
          reject(error)
        }, ms)
        const settle = async (): Promise<void> => {
          try {
            const result = await next({ deadline })
            if (!isLate) resolve(result)
            else if (result instanceof Reply) cancelBody(result.body)
          } catch (error) {
            if (isLate) tell(onLateError, error, c)
            else reject(error)
          } finally {
            clearTimeout(timer)
          }
        }
        void settle()
      })
    },
  )
  return middleware
}

function tell(callback: TimeoutOptions['onLateError'], error: unknown, c: HttpContext): void {
  // Async, so that what the callback throws or rejects with ends here: there is no request left that could fail.
  const told = async (): Promise<unknown> => callback?.(error, c)
  told().catch(ignore)
}

function ignore(): void {}
