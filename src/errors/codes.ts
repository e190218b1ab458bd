/** How one failure is told: to HTTP clients, to WebSocket peers and to the developer who looks it up. */
export interface ErrorCodeEntry {
  /** HTTP status of the answer; 500 for failures that concern the developer only. */
  readonly status: number
  /** WebSocket close code (RFC 6455 section 7.4) where the failure can end a socket. */
  readonly closeCode?: number
  /** One sentence: what happened. Used as the problem's title (RFC 9457) and in `docs/errors.md`. */
  readonly summary: string
  /** One sentence: what to do about it. Only in `docs/errors.md`. */
  readonly remedy: string
}

/** Every code a GoWeb failure can carry. `docs/errors.md` is generated from this table. */
export const ERROR_CODES = {
  // Generic codes, for handlers to throw.
  BAD_REQUEST: { status: 400, closeCode: 1008, summary: 'Bad request', remedy: 'Change the request.' },
  UNAUTHORIZED: {
    status: 401,
    closeCode: 1008,
    summary: 'Not authenticated',
    remedy: 'Send valid credentials.',
  },
  FORBIDDEN: {
    status: 403,
    closeCode: 1008,
    summary: 'Not allowed',
    remedy: 'Ask for the right, or use another account.',
  },
  NOT_FOUND: { status: 404, closeCode: 1008, summary: 'Not found', remedy: 'Check the address.' },
  CONFLICT: {
    status: 409,
    closeCode: 1008,
    summary: 'Conflict with the current state',
    remedy: 'Load the current state and try again.',
  },
  UNPROCESSABLE: {
    status: 422,
    closeCode: 1008,
    summary: 'Content cannot be processed',
    remedy: 'Change the content.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    closeCode: 1008,
    summary: 'Too many requests',
    remedy: 'Wait, then try again.',
  },
  INTERNAL: {
    status: 500,
    closeCode: 1011,
    summary: 'Internal error',
    remedy: 'See the server log; the cause is never sent to a client.',
  },
  UNAVAILABLE: { status: 503, closeCode: 1013, summary: 'Unavailable', remedy: 'Try again later.' },

  // Router.
  PATTERN_INVALID: {
    status: 500,
    summary: 'A route pattern is malformed',
    remedy: 'Fix the pattern at the position that the message names.',
  },
  ROUTE_CONFLICT: {
    status: 500,
    summary: 'Two routes match the same requests',
    remedy: 'Remove or change one of the two routes that the message names.',
  },
  ROUTE_NAME_TAKEN: {
    status: 500,
    summary: 'Two routes have the same name',
    remedy: 'Give one of them another name.',
  },
  ROUTE_NAME_UNKNOWN: {
    status: 500,
    summary: 'No route has this name',
    remedy: 'Check the name, or name the route when it is added.',
  },
  ROUTE_PARAM_INVALID: {
    status: 500,
    summary: 'A URL cannot be built from these parameters',
    remedy: 'Give every parameter of the pattern a value that it matches.',
  },
  PATH_INVALID: {
    status: 400,
    summary: 'The request path is malformed',
    remedy: 'Send a path whose percent escapes are valid UTF-8, without NUL and without dot segments.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    summary: 'No route matches the path',
    remedy: 'Check the path, or add the route.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    summary: 'The path exists, but not for this method',
    remedy: 'Use one of the methods in the Allow header.',
  },

  // Chain.
  NEXT_CALLED_TWICE: {
    status: 500,
    summary: 'A middleware called next() twice',
    remedy: 'Call next() once in every path of the middleware.',
  },
  MIDDLEWARE_NO_RESULT: {
    status: 500,
    summary: 'A middleware returned nothing and did not call next()',
    remedy: 'Return a result, or return next().',
  },
  CONTEXT_KEY_RESERVED: {
    status: 500,
    summary: 'A middleware would hide a part of the context',
    remedy: 'Give what next() adds another name.',
  },

  // App.
  PLUGIN_REGISTERED_TWICE: {
    status: 500,
    summary: 'A plugin of this name is registered already',
    remedy: 'Register it once, or give the plugin another name.',
  },
  PLUGIN_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of a plugin are wrong',
    remedy: 'Fix the options that the message names.',
  },
  PLUGIN_START_FAILED: {
    status: 500,
    summary: 'A start callback failed, so the app did not start',
    remedy: 'See the cause; what had started was stopped again.',
  },
  MOUNT_INVALID: {
    status: 500,
    summary: 'An app cannot be mounted this way',
    remedy: 'Mount a GoWeb app under a prefix such as /admin, and never into itself.',
  },
  UPGRADE_REQUIRED: {
    status: 426,
    summary: 'The path serves WebSockets only',
    remedy: 'Open it with a WebSocket client.',
  },
  RUNTIME_UNSUPPORTED: {
    status: 500,
    summary: 'This runtime has no server that GoWeb knows',
    remedy: 'Run on Node >= 22.18 or Bun >= 1.4, or use app.fetch.',
  },
  LISTEN_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of app.listen are wrong',
    remedy: 'Fix the option that the message names.',
  },
  LISTEN_ADDRESS_IN_USE: {
    status: 500,
    summary: 'The address is in use',
    remedy: 'Stop what listens there, or choose another port (0 picks a free one).',
  },
  LISTEN_FAILED: {
    status: 500,
    summary: 'The server cannot listen on this address',
    remedy: 'See the cause: a port below 1024 needs a right, a host must belong to this machine.',
  },

  // HTTP.
  HEADER_INVALID: {
    status: 500,
    summary: 'A header of the answer is malformed',
    remedy: 'Encode what goes into header values; never put raw user input there.',
  },
} as const satisfies Record<string, ErrorCodeEntry>

/** The code of a GoWeb failure; the list is `docs/errors.md`. */
export type ErrorCode = keyof typeof ERROR_CODES
