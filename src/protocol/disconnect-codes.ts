/**
 * Codes with which a server ends a connection; they are WebSocket close codes.
 *
 * The range says what the client does next, as in Centrifugo: 3000 to 3499 and 4000 to 4499 it connects again, 3500 to 3999
 * and 4500 to 4999 it does not.
 */
export const DISCONNECT = {
  NORMAL: { code: 3000, reason: 'connection closed' },
  SHUTDOWN: { code: 3001, reason: 'shutdown' },
  SERVER_ERROR: { code: 3004, reason: 'internal server error' },
  EXPIRED: { code: 3005, reason: 'connection expired' },
  SUBSCRIPTION_EXPIRED: { code: 3006, reason: 'subscription expired' },
  SLOW: { code: 3008, reason: 'slow' },
  WRITE_ERROR: { code: 3009, reason: 'write error' },
  INSUFFICIENT_STATE: { code: 3010, reason: 'insufficient state' },
  FORCE_RECONNECT: { code: 3011, reason: 'force reconnect' },
  NO_PONG: { code: 3012, reason: 'no pong' },
  TOO_MANY_REQUESTS: { code: 3013, reason: 'too many requests' },
  INVALID_TOKEN: { code: 3500, reason: 'invalid token' },
  BAD_REQUEST: { code: 3501, reason: 'bad request' },
  STALE: { code: 3502, reason: 'stale' },
  FORCE_NO_RECONNECT: { code: 3503, reason: 'force disconnect' },
  CONNECTION_LIMIT: { code: 3504, reason: 'connection limit' },
  CHANNEL_LIMIT: { code: 3505, reason: 'channel limit' },
  INAPPROPRIATE_PROTOCOL: { code: 3506, reason: 'inappropriate protocol' },
  PERMISSION_DENIED: { code: 3507, reason: 'permission denied' },
  NOT_AVAILABLE: { code: 3508, reason: 'not available' },
  TOO_MANY_ERRORS: { code: 3509, reason: 'too many errors' },
} as const
