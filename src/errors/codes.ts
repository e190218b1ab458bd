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
  ROUTE_INVALID: {
    status: 500,
    summary: 'A route or router option is malformed',
    remedy: 'Fix the method, name, matcher or option that the message names.',
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

  // Channels.
  CHANNEL_CONFLICT: {
    status: 500,
    summary: 'Two channel patterns match the same names',
    remedy: 'Remove or change one of the two channels that the message names.',
  },
  CALL_CONFLICT: {
    status: 500,
    summary: 'Two calls have the same name',
    remedy: 'Give one of them another name.',
  },
  CHANNEL_KEYS_EXCEEDED: {
    status: 409,
    summary: 'A `latest` channel has as many keys as it may have',
    remedy: 'Remove keys that are not needed any more, or raise `maxKeys` of the channel.',
  },
  CHANNEL_WITHOUT_KEYS: {
    status: 500,
    summary: 'Something was asked of a channel that only `latest` channels can do',
    remedy: "Define the channel with `delivery: 'latest'`.",
  },
  KEY_INVALID: {
    status: 422,
    summary: 'The key of a publication is empty, too long, or no text that can be encoded',
    remedy: 'Give keys of 1 to 255 bytes of UTF-8.',
  },
  CHANNELS_NOT_SERVED: {
    status: 500,
    summary: 'The channels of this app are served by another',
    remedy: 'Use `c.channels`, or `app.channels` of the app that listens.',
  },
  RULE_MISSING: {
    status: 500,
    summary: 'A channel has no rule for what a client asked for, so it was refused',
    remedy: 'Give the channel the rule that the message names, or `public: true`.',
  },
  EVENT_UNKNOWN: {
    status: 404,
    summary: 'The channel has no such event',
    remedy: 'Publish an event that the definition of the channel names, or none where it has none.',
  },
  EVENT_FROM_SERVER_ONLY: {
    status: 403,
    summary: 'Clients may not publish this event',
    remedy: "Give the event a handler in `on`, or `from: 'client'`.",
  },
  CALL_UNKNOWN: { status: 404, summary: 'No call has this name', remedy: 'Check the name, or add the call.' },
  COMMAND_RESULT_INVALID: {
    status: 500,
    summary: 'A rule, hook or middleware gave a channel command a result that is none',
    remedy: 'Return what the message names, or throw to refuse.',
  },
  TOKEN_EXPIRED: {
    status: 401,
    closeCode: 1008,
    summary: 'The token has expired',
    remedy: 'Bring a new one; clients of channels ask for it by themselves.',
  },
  USER_CHANGED: {
    status: 403,
    summary: 'The new token of a connection is of another user',
    remedy: 'Open a new connection for another user.',
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
  OPTION_INVALID: {
    status: 500,
    summary: 'An option of the app or a route is wrong',
    remedy: 'Fix the option that the message names.',
  },
  SUBPROTOCOL_NOT_OFFERED: {
    status: 500,
    summary: 'The app chose a WebSocket subprotocol that the client did not offer',
    remedy: 'Choose among the offered ones, or none.',
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
  LISTEN_ABORTED: {
    status: 500,
    summary: 'The signal was aborted before the server listened',
    remedy: 'Nothing, if that was meant; otherwise abort later.',
  },
  DRAIN_TIMEOUT: {
    status: 500,
    summary: 'The app has not stopped within the time for draining, so the process ends with 1',
    remedy: 'Find the onStart or onStop callback that does not end, or raise timeoutMs of drain.',
  },
  TLS_RELOAD_FAILED: {
    status: 500,
    summary: 'New certificates were not taken; the server goes on with those that it has',
    remedy: 'See the cause, fix the certificate or key, and call server.reloadTls again.',
  },
  REQUEST_MALFORMED: {
    status: 400,
    summary: 'The request is not valid HTTP',
    remedy: 'Send a request as RFC 9112 defines it.',
  },
  REQUEST_HEADERS_TOO_LARGE: {
    status: 431,
    summary: 'The headers of the request are too large',
    remedy: 'Send fewer or smaller headers, or raise maxHeaderBytes of app.listen.',
  },
  REQUEST_ARRIVAL_TIMEOUT: {
    status: 408,
    summary: 'The request did not arrive in time',
    remedy: 'Send it faster, or raise headersTimeoutMs and requestTimeoutMs of app.listen.',
  },
  HOST_INVALID: {
    status: 400,
    summary: 'The host of the request is malformed or repeated',
    remedy: 'Send one Host header with a host and, if need be, a port.',
  },
  HTTP_VERSION_UNSUPPORTED: {
    status: 505,
    summary: 'The version of HTTP is not supported',
    remedy: 'Send HTTP/1.1.',
  },
  TRANSFER_CODING_UNSUPPORTED: {
    status: 501,
    summary: 'The transfer coding of the body is not supported',
    remedy: 'Send Transfer-Encoding: chunked, or Content-Length.',
  },
  METHOD_NOT_IMPLEMENTED: {
    status: 501,
    summary: 'No resource of this server has this method',
    remedy: 'Do not use it as a proxy.',
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
  STATUS_INVALID: {
    status: 500,
    summary: 'An answer has a status that HTTP does not know',
    remedy: 'Use an integer from 200 to 599.',
  },
  REPLY_UNSUPPORTED: {
    status: 500,
    summary: 'A handler returned something that cannot be sent',
    remedy: 'Return a string, bytes, a stream, plain data or what c.json() and its like make.',
  },
  JSON_UNSERIALIZABLE: {
    status: 500,
    summary: 'A value cannot be written as JSON',
    remedy: 'Return plain data: no undefined at the top, no BigInt, no cycles.',
  },
  REDIRECT_INVALID: {
    status: 500,
    summary: 'A redirect is malformed',
    remedy: 'Use the status 301, 302, 303, 307 or 308 and a location without control characters.',
  },
  HTML_VALUE_INVALID: {
    status: 500,
    summary: 'A value cannot be shown in an html template',
    remedy: 'Give strings, numbers, Html, or arrays of those; await promises first.',
  },
  COOKIE_INVALID: {
    status: 500,
    summary: 'A cookie to set is malformed',
    remedy: 'Change the name, value or attribute that the message names.',
  },
  COOKIES_TOO_LARGE: {
    status: 431,
    summary: 'The Cookie header is too large',
    remedy: 'Delete cookies of this site.',
  },
  QUERY_TOO_LONG: {
    status: 414,
    summary: 'The query has too many fields',
    remedy: 'Send fewer fields, or send them in a body.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    summary: 'The body is over the limit',
    remedy: 'Send less, or raise the limit of the route.',
  },
  BODY_ABORTED: {
    status: 400,
    summary: 'The client left before its body was complete',
    remedy: 'Nothing: there is nobody to answer.',
  },
  BODY_ALREADY_READ: {
    status: 500,
    summary: 'The body was already read',
    remedy:
      'Read a body once and before the answer: as a whole or as a stream, from c.body or from c.request.',
  },
  BODY_NOT_UTF8: {
    status: 400,
    summary: 'The body is not valid UTF-8',
    remedy: 'Encode text in UTF-8.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    summary: 'The body has a media type that is not accepted',
    remedy: 'Send the media type that the message names.',
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    summary: 'The body is compressed, which is not accepted',
    remedy: 'Send the body as it is.',
  },
  JSON_INVALID: {
    status: 400,
    summary: 'The body is not valid JSON',
    remedy: 'Fix the JSON at the position that the message names.',
  },
  JSON_TOO_DEEP: {
    status: 400,
    summary: 'The JSON is nested too deeply',
    remedy: 'Send flatter data.',
  },
  JSON_KEY_FORBIDDEN: {
    status: 400,
    summary: 'The JSON has a key that could change prototypes',
    remedy: 'Use another name than __proto__, and no prototype inside constructor.',
  },
  FORM_TOO_LARGE: {
    status: 413,
    summary: 'The form has too many fields',
    remedy: 'Send fewer fields.',
  },
  VALIDATION_FAILED: {
    status: 422,
    summary: 'The request does not match its schema',
    remedy: 'Fix every value listed in errors.',
  },
  RESPONSE_INVALID: {
    status: 500,
    summary: 'An answer does not match the schema of its route',
    remedy: 'Fix the handler or the response schema; the cause is logged.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    summary: 'A precondition of the request does not hold',
    remedy: 'Load the current state and try again.',
  },
  RANGE_NOT_SATISFIABLE: {
    status: 416,
    summary: 'The requested range lies outside the file',
    remedy: 'Ask for a range within the size in Content-Range.',
  },
  SSE_EVENT_INVALID: {
    status: 500,
    summary: 'A server-sent event is malformed',
    remedy: 'Keep line breaks and NUL out of id and event; retry is whole milliseconds.',
  },

  // Brokers.
  BROKER_UNAVAILABLE: {
    status: 503,
    closeCode: 1013,
    summary: 'The broker cannot do this now',
    remedy: 'Try again later; on the server, see the message: the broker is away, closed or full.',
  },
  BROKER_FILE_LOCKED: {
    status: 503,
    closeCode: 1013,
    summary: 'Another process uses the file of the broker',
    remedy:
      'Stop that process; what it leaves when it is killed is no lock. More than one process needs another broker.',
  },
  BROKER_FILE_UNWRITABLE: {
    status: 500,
    summary: 'The file of the broker cannot be made, opened or written',
    remedy: 'Make its folder, and let the process write there; the message names the file.',
  },
  BROKER_FILE_INVALID: {
    status: 500,
    summary: 'The file of the broker is damaged, of another program or of a newer version',
    remedy: 'Bring back a copy, or move it away: channels then begin anew, and clients are told of a gap.',
  },

  // Middleware.
  CORS_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of cors are wrong',
    remedy: 'Fix the option that the message names.',
  },
  SECURE_HEADERS_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of secureHeaders are wrong',
    remedy: 'Fix the option that the message names.',
  },
  TIMEOUT_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of timeout are wrong',
    remedy: 'Fix the option that the message names.',
  },
  LOGGER_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of logger or createLog are wrong',
    remedy: 'Fix the option that the message names.',
  },
  COMPRESS_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of compress are wrong',
    remedy: 'Fix the option that the message names.',
  },
  STATIC_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of serveStatic are wrong',
    remedy: 'Fix the option that the message names; the root must be an existing folder.',
  },
  METRICS_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of metrics are wrong',
    remedy: 'Fix the option that the message names.',
  },
  MULTIPART_OPTIONS_INVALID: {
    status: 500,
    summary: 'The options of multipart are wrong',
    remedy: 'Fix the option that the message names.',
  },
  REQUEST_TIMEOUT: {
    status: 503,
    summary: 'The request took too long',
    remedy:
      'Try again later; on the server, look at what the handler waits for, or raise the time of timeout().',
  },
  MULTIPART_PARSER_MISSING: {
    status: 500,
    summary: 'The multipart parser is not installed',
    remedy: 'Run npm install busboy.',
  },
  MULTIPART_INVALID: {
    status: 400,
    summary: 'The multipart body is malformed',
    remedy: 'Send multipart/form-data (RFC 7578) with a boundary, complete, each part with a name.',
  },
  MULTIPART_FILE_TOO_LARGE: {
    status: 413,
    summary: 'A file of the form is over the limit',
    remedy: 'Send a smaller file, or raise fileBytes.',
  },
  MULTIPART_FIELD_TOO_LARGE: {
    status: 413,
    summary: 'A field of the form, or the name of a part, is over the limit',
    remedy: 'Send less in one field, or raise fieldBytes or nameBytes.',
  },
  MULTIPART_TOO_MANY_FILES: {
    status: 413,
    summary: 'The form has too many files',
    remedy: 'Send fewer files at once, or raise files.',
  },
  MULTIPART_TOO_MANY_FIELDS: {
    status: 413,
    summary: 'The form has too many fields',
    remedy: 'Send fewer fields, or raise fields.',
  },
  MULTIPART_TOO_MANY_PARTS: {
    status: 413,
    summary: 'The form has too many parts',
    remedy: 'Send fewer parts, or raise parts.',
  },

  // WebSocket.
  HANDSHAKE_METHOD_INVALID: {
    status: 405,
    summary: 'A WebSocket handshake was not a GET request',
    remedy: 'Send the handshake with GET (RFC 6455 section 4.1).',
  },
  HANDSHAKE_REQUEST_INVALID: {
    status: 400,
    summary: 'A WebSocket handshake was not a plain HTTP/1.1 request',
    remedy: 'Send HTTP/1.1 with a Host header and without a body (RFC 6455 section 4.1).',
  },
  HANDSHAKE_VERSION_UNSUPPORTED: {
    status: 426,
    summary: 'The WebSocket version is not supported',
    remedy: 'Send Sec-WebSocket-Version: 13.',
  },
  HANDSHAKE_KEY_INVALID: {
    status: 400,
    summary: 'Sec-WebSocket-Key is missing or malformed',
    remedy: 'Send one key: 16 random bytes in base64.',
  },
  HANDSHAKE_PROTOCOLS_INVALID: {
    status: 400,
    summary: 'Sec-WebSocket-Protocol is malformed',
    remedy: 'Send a list of different tokens, separated by commas.',
  },
  HANDSHAKE_EXTENSIONS_INVALID: {
    status: 400,
    summary: 'Sec-WebSocket-Extensions is malformed',
    remedy: 'Send a list of extensions with parameters (RFC 6455 section 9.1).',
  },
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    summary: 'The origin of the page may not connect',
    remedy: "Add the page's origin to the setting allowedOrigins, or serve the page from the same origin.",
  },
  FRAME_RESERVED_BITS: {
    status: 400,
    closeCode: 1002,
    summary: 'A frame has a reserved bit set',
    remedy: 'Clear RSV1 to RSV3 unless an extension was negotiated (RFC 6455 section 5.2).',
  },
  FRAME_OPCODE_UNKNOWN: {
    status: 400,
    closeCode: 1002,
    summary: 'A frame has a reserved opcode',
    remedy: 'Use an opcode of RFC 6455 section 5.2.',
  },
  FRAME_MASK_INVALID: {
    status: 400,
    closeCode: 1002,
    summary: 'A frame is not masked as its direction demands',
    remedy: 'Mask every frame from client to server and none the other way (RFC 6455 section 5.1).',
  },
  FRAME_LENGTH_INVALID: {
    status: 400,
    closeCode: 1002,
    summary: 'The length of a frame is not encoded as it must be',
    remedy: 'Use the shortest encoding, with the highest bit 0 (RFC 6455 section 5.2).',
  },
  FRAME_CONTROL_INVALID: {
    status: 400,
    closeCode: 1002,
    summary: 'A control frame is fragmented or longer than 125 bytes',
    remedy: 'Send control frames whole and short (RFC 6455 section 5.5).',
  },
  FRAME_SEQUENCE_INVALID: {
    status: 400,
    closeCode: 1002,
    summary: 'The fragments of a message are out of sequence',
    remedy: 'Start a message with its opcode and finish it before the next (RFC 6455 section 5.4).',
  },
  CLOSE_FRAME_INVALID: {
    status: 400,
    closeCode: 1002,
    summary: 'A close frame has an invalid code or length',
    remedy: 'Send no payload, or a code of RFC 6455 section 7.4 and a reason.',
  },
  TEXT_NOT_UTF8: {
    status: 400,
    closeCode: 1007,
    summary: 'A text message or close reason is not UTF-8',
    remedy: 'Send text as UTF-8 and anything else as a binary message.',
  },
  DEFLATE_INVALID: {
    status: 400,
    closeCode: 1007,
    summary: 'A compressed message is not valid DEFLATE data',
    remedy: 'Compress as RFC 7692 section 7.2.1 says, with no reference beyond the agreed window.',
  },
  MESSAGE_TOO_LARGE: {
    status: 413,
    closeCode: 1009,
    summary: 'A message is larger than maxPayloadBytes',
    remedy: 'Send smaller messages, or raise maxPayloadBytes.',
  },
  FRAGMENTS_EMPTY: {
    status: 400,
    closeCode: 1008,
    summary: 'A message has too many empty fragments',
    remedy: 'Put payload into the fragments.',
  },
  FRAGMENTS_TOO_MANY: {
    status: 400,
    closeCode: 1008,
    summary: 'A message has more fragments than maxFragments',
    remedy: 'Send messages in fewer fragments, or raise maxFragments.',
  },
  SOCKET_RATE_EXCEEDED: {
    status: 429,
    closeCode: 1008,
    summary: 'A socket received more messages, bytes or control frames than its limits allow in the time',
    remedy:
      'Send less at a time, or raise messagesPerSecond, bytesPerSecond, controlFramesPerSecond or the bursts of the route.',
  },
  SERVER_RATE_EXCEEDED: {
    status: 503,
    closeCode: 1013,
    summary: 'All sockets of the app together received more than its limits allow in the time',
    remedy: 'Connect again later; or raise messagesPerSecond or bytesPerSecond of new GoWeb({ sockets }).',
  },
  SOCKETS_TOO_MANY: {
    status: 503,
    closeCode: 1013,
    summary: 'The app has as many sockets as maxSockets allows',
    remedy: 'Try again after the time in Retry-After; or raise maxSockets of new GoWeb({ sockets }).',
  },
  SOCKETS_TOO_MANY_FROM_ADDRESS: {
    status: 429,
    closeCode: 1008,
    summary: 'One address has as many sockets as maxSocketsPerAddress allows',
    remedy:
      'Close some first; behind a proxy, where all clients have its address, leave maxSocketsPerAddress at 0 and limit there.',
  },
  SOCKET_MESSAGE_INVALID: {
    status: 500,
    summary: 'A socket cannot send a value of this type',
    remedy: 'Send a string or a Uint8Array; wrap an ArrayBuffer, stringify an object.',
  },
  CLOSE_CODE_INVALID: {
    status: 500,
    summary: 'A socket cannot be closed with this code',
    remedy: 'Use 1000 to 1003, 1007 to 1014 or 3000 to 4999.',
  },
  CLOSE_REASON_TOO_LONG: {
    status: 500,
    summary: 'A close reason is longer than 123 bytes of UTF-8',
    remedy: 'Shorten the reason; send details as a message before closing.',
  },
  PING_TOO_LONG: {
    status: 500,
    summary: 'The payload of a ping is longer than 125 bytes',
    remedy: 'Shorten the payload (RFC 6455 section 5.5).',
  },

  // Channels.
  CHANNEL_UNKNOWN: {
    status: 404,
    summary: 'No channel is defined that the name matches',
    remedy: 'Check the name, or define the channel with app.channel.',
  },
  CHANNEL_PARAM_INVALID: {
    status: 500,
    summary: "A variable of a channel's pattern has no value",
    remedy: 'Give each variable a value that is not empty.',
  },
  CHANNEL_WITHOUT_HISTORY: {
    status: 500,
    summary: 'The channel keeps nothing, so it has no history and no position',
    remedy: 'Define it with delivery: replay.',
  },
  CHANNEL_JOIN_REFUSED: {
    status: 500,
    summary: 'The server could not subscribe a connection to a channel',
    remedy:
      'See the message: the channel must exist, its rule must allow it, and the limits must leave room.',
  },
  USER_INVALID: {
    status: 500,
    summary: 'Anonymous connections cannot be addressed by their user',
    remedy: 'Give the name of a user that authenticate returned.',
  },
  COMMAND_TIMEOUT: {
    status: 503,
    summary: 'A command of a channel connection took too long',
    remedy: 'Look at what its handler or the broker waits for, or raise commandTimeoutMs.',
  },

  // Testing.
  LAB_MISUSED: {
    status: 500,
    summary: 'The fault lab cannot do this now',
    remedy: 'See the message: usually something was not awaited.',
  },
  LAB_TIMEOUT: {
    status: 500,
    summary: 'Nothing came of a promise in the virtual time that it was given',
    remedy: 'Look at what it waits for, or give it more time.',
  },
} as const

/** The code of a GoWeb failure; the list is `docs/errors.md`. */
export type ErrorCode = keyof typeof ERROR_CODES
