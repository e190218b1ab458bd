import type { Json } from './json.ts'
import type { Reply, ReplyError } from './reply.ts'

// Replies are put together as text: what brokers keep is JSON text already, and is not parsed to be written again.

/** The reply of a command that failed. */
export function encodeErrorReply(id: number, { code, message, temporary, ...more }: ReplyError): string {
  const error = temporary === true ? { code, message, temporary, ...more } : { code, message, ...more }
  return `{"id":${id},"error":${JSON.stringify(error)}}`
}

/** A reply whose result is JSON text. */
export function encodeResultReply(id: number, method: keyof Reply, result: string): string {
  return `{"id":${id},"${method}":${result}}`
}

/** A push to a connection alone. */
export function encodePush(part: string, value: Json): string {
  return `{"push":{"${part}":${JSON.stringify(value)}}}`
}

/**
 * A publication with its place.
 *
 * @param payload JSON text of a publication without offset: `{"data":…}`.
 */
export function encodePublication(payload: string, offset: number): string {
  return offset === 0 ? payload : `{"offset":${offset},${payload.slice(1)}`
}
