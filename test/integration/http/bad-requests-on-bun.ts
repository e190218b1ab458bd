/**
 * What Bun's parser makes of a bad request.
 *
 * `bare`: it answers with this status and nothing else, and ends the connection. `end`: it ends the connection without
 * an answer. `taken`: the app gets the request, answers it with this status, and the connection goes on or ends.
 */
export type OutcomeOnBun =
  | { readonly kind: 'bare'; readonly status: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'taken'; readonly status: number; readonly ends?: true }

const bare = (status: number): OutcomeOnBun => ({ kind: 'bare', status })
const taken = (status: number): OutcomeOnBun => ({ kind: 'taken', status })

/** Rows of `bad-input-requests.test.ts` of which Bun makes something else than Node, by name. */
const OUTCOMES: Readonly<Record<string, OutcomeOnBun>> = {
  'a space in the target': bare(505),
  'NUL in the path': bare(505),
  'NUL in the query': bare(505),
  'the version in lower case': bare(505),
  'the version 1.2': bare(505),
  'another protocol': bare(505),
  'lines that end with LF alone': bare(505),
  'a method in lower case': { kind: 'end' },
  'a method that nobody knows': { kind: 'end' },
  'a raw octet beyond ASCII in the path': taken(404),
  'empty lines before the request': bare(400),
  'an expectation that nobody knows': taken(200),
  'two different': taken(200),
  'the same twice': taken(200),
  'absolute without a host': taken(200),
  'absolute with credentials': taken(200),
  'absolute with a bad port': taken(200),
  'absolute with another scheme': bare(400),
  'OPTIONS *': bare(400),
  'GET *': bare(400),
  'CONNECT to a path': taken(405),
  'the same length twice': taken(200),
  'a trailer without a colon': { kind: 'taken', status: 200, ends: true },
}

/** Codes of what the parser of Node refuses, and that of Bun as well. */
const PARSER_CODES: Readonly<Record<string, number>> = {
  REQUEST_MALFORMED: 400,
  TRANSFER_CODING_UNSUPPORTED: 400,
  HTTP_VERSION_UNSUPPORTED: 505,
  REQUEST_HEADERS_TOO_LARGE: 431,
  BODY_TOO_LARGE: 413,
}

/** What Bun makes of a row; undefined when it is the same as on Node. */
export function outcomeOnBun(name: string, code: string | undefined): OutcomeOnBun | undefined {
  const outcome = OUTCOMES[name]
  if (outcome !== undefined) return outcome
  const status = PARSER_CODES[code ?? '']
  return status === undefined ? undefined : bare(status)
}
