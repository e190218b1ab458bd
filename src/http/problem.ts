import { ERROR_CODES } from '../errors/codes.ts'
import { isGoWebError, type GoWebError, type InputIssue } from '../errors/goweb-error.ts'
import { Reply } from './reply.ts'

/** The members of a problem answer (RFC 9457 section 3.1 and the extensions `code` and `errors`). */
export interface Problem {
  /** `urn:goweb:error:` and the code, or `about:blank` where the status says it all. */
  readonly type: string
  readonly title: string
  readonly status: number
  /** What happened this time; never with a status of 500 and above. */
  readonly detail?: string
  /** The code of `docs/errors.md`. */
  readonly code?: string
  readonly errors?: readonly InputIssue[]
}

/** RFC 9457 section 3. */
export const PROBLEM_TYPE = 'application/problem+json'

/**
 * Makes the answer that tells a client of an error, as problem details (RFC 9457).
 *
 * A `GoWebError` below 500 is told with its message, issues and headers; from 500 on only that it happened, since code and
 * message concern the developer (statuses such as 503 keep their code). An error made for clients by other code
 * (`status` 400 to 499 and `expose: true`, as http-errors makes them) is told too. Everything else is `INTERNAL`.
 * Never throws.
 *
 * @example
 * app.onError((error) => problemReply(error))
 */
export function problemReply(error: unknown): Reply {
  try {
    if (isGoWebError(error)) return gowebProblem(error)
    const exposed = exposedError(error)
    if (exposed !== undefined) return exposed
  } catch {
    // An error that cannot even be looked at is an internal one.
  }
  return reply(INTERNAL, undefined)
}

/** The status that {@link problemReply} tells of an error. */
export function statusOf(error: unknown): number {
  return problemReply(error).status
}

const INTERNAL: Problem = {
  type: 'urn:goweb:error:INTERNAL',
  title: ERROR_CODES.INTERNAL.summary,
  status: 500,
  code: 'INTERNAL',
}

function gowebProblem(error: GoWebError): Reply {
  const { code, status } = error
  if (!isErrorStatus(status) || status === 500) return reply(INTERNAL, error.headers)
  const problem: Problem = {
    type: `urn:goweb:error:${code}`,
    title: ERROR_CODES[code].summary,
    status,
    ...(status < 500 && error.message !== ERROR_CODES[code].summary && { detail: error.message }),
    code,
    ...(status < 500 && error.issues !== undefined && { errors: error.issues }),
  }
  return reply(problem, error.headers)
}

function exposedError(error: unknown): Reply | undefined {
  if (!(error instanceof Error) || !('expose' in error) || error.expose !== true) return undefined
  const status = 'status' in error ? error.status : 'statusCode' in error ? error.statusCode : undefined
  if (typeof status !== 'number' || !isErrorStatus(status) || status >= 500) return undefined
  const title = TITLES[status] ?? 'Client error'
  const headers = 'headers' in error && typeof error.headers === 'object' ? error.headers : undefined
  return reply({ type: 'about:blank', title, status, detail: error.message }, headers)
}

function isErrorStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 400 && status <= 599
}

function reply(problem: Problem, headers: object | null | undefined): Reply {
  const made = new Reply(problem.status, JSON.stringify(problem), PROBLEM_TYPE)
  for (const [name, value] of Object.entries(headers ?? {})) {
    try {
      made.headers.set(name, String(value))
    } catch {
      // A header that cannot be sent must not hide the error it belongs to.
    }
  }
  return made
}

// RFC 9110 section 15.5 and RFC 6585; RFC 9457 section 4.2.1 wants the phrase as the title of about:blank.
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
}
