/** Codes of error replies: 100 to 112 as Centrifugo names them; from 400 on GoWeb's. See `docs/protocol.md`. */
export const PROTOCOL_ERROR = {
  INTERNAL: { code: 100, message: 'internal server error', temporary: true },
  UNAUTHORIZED: { code: 101, message: 'unauthorized', temporary: false },
  UNKNOWN_CHANNEL: { code: 102, message: 'unknown channel', temporary: false },
  PERMISSION_DENIED: { code: 103, message: 'permission denied', temporary: false },
  METHOD_NOT_FOUND: { code: 104, message: 'method not found', temporary: false },
  ALREADY_SUBSCRIBED: { code: 105, message: 'already subscribed', temporary: false },
  LIMIT_EXCEEDED: { code: 106, message: 'limit exceeded', temporary: false },
  BAD_REQUEST: { code: 107, message: 'bad request', temporary: false },
  NOT_AVAILABLE: { code: 108, message: 'not available', temporary: false },
  TOKEN_EXPIRED: { code: 109, message: 'token expired', temporary: false },
  EXPIRED: { code: 110, message: 'expired', temporary: false },
  TOO_MANY_REQUESTS: { code: 111, message: 'too many requests', temporary: true },
  UNRECOVERABLE_POSITION: { code: 112, message: 'unrecoverable position', temporary: false },
} as const
