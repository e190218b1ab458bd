import type { Kind } from '../../chain/base-context.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { HttpContext } from '../../http/http-context.ts'
import type { Sent } from '../../http/reply.ts'
import { describeErrors } from './describe-error.ts'
import type { LogLevel } from './log.ts'
import type { Redaction } from './redaction.ts'

/** What became of a request or command. */
export interface Outcome {
  readonly level: LogLevel
  readonly fields: Readonly<Record<string, unknown>>
}

const MAX_PATH = 2_048
const PARAMETER = /\{([^}:.]+)/g

/** Tells the end of requests and commands as fields of a log line; the query is never among them. */
export class RequestLine {
  readonly #redaction: Redaction
  readonly #secretRoutes: Map<string, boolean> = new Map()

  constructor(redaction: Redaction) {
    this.#redaction = redaction
  }

  http(c: HttpContext, sent: Sent, durationMs: number): Outcome {
    const isFailure = !(sent.aborted && isAbortError(sent.error)) && isServerError(sent.error, sent.status)
    const { route } = c
    return {
      level: isFailure ? 'error' : 'info',
      fields: {
        ...(c.kind === 'upgrade' && { kind: c.kind }),
        method: c.method,
        path: this.#path(c.path, route),
        ...(route !== '' && { route }),
        status: sent.status,
        durationMs,
        ip: c.ip,
        ...(sent.aborted && { aborted: true }),
        ...errorFields(sent.error, isFailure),
      },
    }
  }

  command(kind: Kind, route: string, ip: string, error: unknown, durationMs: number): Outcome {
    const isFailure = error !== undefined && isServerError(error, 0)
    const quiet = kind === 'connect' ? 'info' : 'debug'
    return {
      level: isFailure ? 'error' : quiet,
      fields: {
        kind,
        ...(route !== '' && { route }),
        durationMs,
        ip,
        ...errorFields(error, isFailure),
      },
    }
  }

  /** The pattern instead of the path where a variable is secret by its name, as in `/reset/{token}`. */
  #path(path: string, route: string): string {
    let isSecret = this.#secretRoutes.get(route)
    if (isSecret === undefined) {
      isSecret = [...route.matchAll(PARAMETER)].some(([, name]) => this.#redaction.isSecretName(name ?? ''))
      this.#secretRoutes.set(route, isSecret)
    }
    if (isSecret) return route
    return path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path
  }
}

/** What a handler throws that gives up because the client has gone. */
function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** Whether the server is to blame. */
function isServerError(error: unknown, status: number): boolean {
  if (status >= 500) return true
  if (error === undefined) return false
  return error instanceof GoWebError ? error.status >= 500 : status < 400
}

function errorFields(error: unknown, isFailure: boolean): Readonly<Record<string, unknown>> {
  if (error === undefined) return {}
  if (isFailure) return { error: describeErrors(error) }
  return error instanceof GoWebError ? { code: error.code } : {}
}
