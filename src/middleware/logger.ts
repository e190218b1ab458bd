import type { BaseContext } from '../chain/base-context.ts'
import type { Middleware, Next, Passed } from '../chain/middleware.ts'
import type { HttpContext } from '../http/http-context.ts'
import { RequestContext } from '../http/request-context.ts'
import { BoundLog } from './logger/bound-log.ts'
import { JsonLog, LEVELS } from './logger/json-log.ts'
import type { ForeignLog, ForeignLogWithChildren, Log } from './logger/log.ts'
import { Redaction } from './logger/redaction.ts'
import { acceptedRequestId } from './logger/request-id.ts'
import { RequestLine, type Outcome } from './logger/request-line.ts'
import { stdoutLines, type LineDestination } from './logger/stdout-lines.ts'
import { OptionReader } from './options/option-reader.ts'

export type { ForeignLog, ForeignLogWithChildren, Log, LogLevel } from './logger/log.ts'
export type { LineDestination } from './logger/stdout-lines.ts'

/** Options of {@link createLog}. */
export interface LogOptions {
  /** Lines below this level are not written. Default: `info`. */
  readonly level?: keyof typeof LEVELS
  /**
   * Names (`ssn`, at any depth) and paths (`user.address`, `items.*.price`, from the top) whose values are secret, besides those
   * that are called password, secret, token, cookie, authorization, api key and their like, whatever their spelling.
   */
  readonly redact?: readonly string[]
  /** Fields of every line, such as the name of the service. Default: none. */
  readonly fields?: object
  /** Where lines go. Default: the standard output. */
  readonly destination?: LineDestination
}

/** Options of {@link logger}. */
export interface LoggerOptions extends LogOptions {
  /**
   * Writes the lines instead: a log made by `createLog`, a pino instance, or anything with `info`, `warn` and `error` that take
   * fields and a message. Not together with `level`, `fields` and `destination`, which are its own. Default: `createLog(options)`.
   */
  readonly log?: ForeignLog
  /**
   * Header with the id that a proxy in front gave the request. A value of letters, digits and `_-.:@=+/;` up to 200 characters is
   * taken. Default: none, since anybody can send it; every request gets an id of its own.
   */
  readonly requestIdHeader?: string
  /** Makes the ids. Default: random UUIDs. */
  readonly createRequestId?: () => string
  /** Header that tells the client the id, for HTTP and upgrades; `false` for none. Default: `x-request-id`. */
  readonly responseHeader?: string | false
  /** Requests that get no line, such as health checks, unless they fail. Default: none. */
  readonly skip?: (c: BaseContext) => boolean
}

const LOG_OPTIONS = ['level', 'redact', 'fields', 'destination']
const LOGGER_OPTIONS = [...LOG_OPTIONS, 'log', 'requestIdHeader', 'createRequestId', 'responseHeader', 'skip']
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** What {@link logger} adds to the context. */
export interface LoggerAdditions<L> {
  /** Names this request in every line about it, and to the client. */
  readonly requestId: string
  /** A log whose lines have the request's id. */
  readonly log: L
}

/** Makes a log that writes JSON lines at bounded cost, without secrets. */
export function createLog(options?: LogOptions): Log {
  const read = new OptionReader('createLog', 'LOGGER_OPTIONS_INVALID', options, LOG_OPTIONS)
  return jsonLog(read, redactionOf(read))
}

/** A {@link logger} that writes with a log of another kind, whose child is `c.log`. */
export function logger<L extends ForeignLogWithChildren>(
  options: LoggerOptions & { readonly log: L },
): Middleware<LoggerAdditions<L>>
/**
 * Logs each request in one JSON line at its end, and gives it an id.
 *
 * The line has `level`, `time`, `requestId`, `method`, `path` (never the query; the pattern where a path variable is called a secret),
 * `route`, `status`, `durationMs`, `ip`; `aborted` when the client left; `kind` unless it is `http`; `code` of a client's error; and
 * `error` with stack and causes when the server failed, at level `error`. Commands of channels are logged at level `debug`, connects
 * at `info`. Adds `c.requestId` and `c.log`. Lines are JSON with every control character escaped, so no input can forge one; what
 * is called a secret is replaced. Add it first, so that it sees what the others do. What it writes of failures the app's default
 * `report` does not print again; a `report` of your own gets them too.
 *
 * @throws `LOGGER_OPTIONS_INVALID` when constructed with wrong options.
 * @example
 * app
 *   .use(logger({ requestIdHeader: 'x-request-id', redact: ['iban'] }))
 *   .get('/', (c) => { c.log.info({ user: 7 }, 'home'); return 'hi' })
 */
export function logger(options?: LoggerOptions): Middleware<LoggerAdditions<Log>>
export function logger(options?: LoggerOptions): Middleware<LoggerAdditions<unknown>> {
  const read = new OptionReader('logger', 'LOGGER_OPTIONS_INVALID', options, LOGGER_OPTIONS)
  const redaction = redactionOf(read)
  const root = read.raw('log') === undefined ? jsonLog(read, redaction) : foreignLog(read)
  const lines = new RequestLine(redaction)
  const incoming = headerName(read, 'requestIdHeader')
  const outgoing =
    read.raw('responseHeader') === false ? undefined : (headerName(read, 'responseHeader') ?? 'x-request-id')
  read.checkFunction('createRequestId')
  read.checkFunction('skip')
  const createId = options?.createRequestId ?? randomId
  const skip = options?.skip

  return (c: BaseContext, next: Next) => {
    const start = performance.now()
    const requestId =
      (incoming === undefined ? undefined : acceptedRequestId(c.header(incoming))) ?? createId()
    const log = root.child({ requestId })
    const end = (outcome: Outcome): void => {
      try {
        if (outcome.level === 'error' || skip?.(c) !== true) write(log as ForeignLog, outcome)
      } catch {
        // A log that fails must not harm the request, and there is no log left to tell it to.
      }
    }
    if (!isHttp(c)) return runCommand(c, next, { requestId, log }, start, lines, end)
    if (outgoing !== undefined) c.setHeader(outgoing, requestId)
    RequestContext.markLogged(c)
    c.after((sent) => end(lines.http(c, sent, since(start))))
    return next({ requestId, log })
  }
}

async function runCommand(
  c: BaseContext,
  next: Next,
  additions: LoggerAdditions<unknown>,
  start: number,
  lines: RequestLine,
  end: (outcome: Outcome) => void,
): Promise<Passed<LoggerAdditions<unknown>>> {
  let error: unknown
  try {
    return await next(additions)
  } catch (thrown) {
    error = thrown
    throw thrown
  } finally {
    end(lines.command(c.kind, c.route, c.ip, error, since(start)))
  }
}

function write(log: ForeignLog, { level, fields }: Outcome): void {
  if (level === 'debug') log.debug?.(fields, 'request')
  else log[level](fields, 'request')
}

function redactionOf(read: OptionReader): Redaction {
  return new Redaction(read.strings('redact', /./, 'names and paths') ?? [])
}

function jsonLog(read: OptionReader, redaction: Redaction): JsonLog {
  const level = read.oneOf('level', 'info', Object.keys(LEVELS) as (keyof typeof LEVELS)[])
  const fields = read.raw('fields')
  if (fields !== undefined && (typeof fields !== 'object' || fields === null))
    read.refuse('fields', 'an object')
  const given = read.raw('destination') as Partial<LineDestination> | null | undefined
  if (given !== undefined && typeof given?.write !== 'function') {
    read.refuse('destination', 'an object with write(line)')
  }
  const destination = (given as LineDestination | undefined) ?? stdoutLines()
  return new JsonLog({ level, redaction, destination }, fields)
}

function foreignLog(read: OptionReader): { child(fields: object): unknown } {
  const log = read.raw('log') as Readonly<Record<string, unknown>> | null
  for (const method of ['info', 'warn', 'error']) {
    if (log === null || typeof log[method] !== 'function')
      read.refuse('log', 'an object with info, warn and error')
  }
  for (const name of ['level', 'fields', 'destination']) {
    if (read.raw(name) !== undefined)
      read.refuse(name, 'nothing beside log', 'it is the business of that log')
  }
  const foreign = log as unknown as ForeignLog & Partial<ForeignLogWithChildren>
  return typeof foreign.child === 'function' ? (foreign as ForeignLogWithChildren) : new BoundLog(foreign)
}

function headerName(read: OptionReader, name: string): string | undefined {
  const value = read.raw(name)
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !HEADER_NAME.test(value)) read.refuse(name, 'the name of a header')
  return value.toLowerCase()
}

function isHttp(c: BaseContext | HttpContext): c is HttpContext {
  return c.kind === 'http' || c.kind === 'upgrade'
}

function since(start: number): number {
  return Math.round((performance.now() - start) * 100) / 100
}

function randomId(): string {
  return crypto.randomUUID()
}
