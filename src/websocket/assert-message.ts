import { GoWebError } from '../errors/goweb-error.ts'

/**
 * Refuses what is no message before it gets into a queue: callers in JavaScript are not stopped by types.
 *
 * @throws `SOCKET_MESSAGE_INVALID`
 */
export function assertMessage(message: unknown): void {
  if (typeof message === 'string' || message instanceof Uint8Array) return
  const got =
    message === null
      ? 'null'
      : typeof message === 'object'
        ? (message.constructor?.name ?? 'an object')
        : typeof message
  throw new GoWebError(
    'SOCKET_MESSAGE_INVALID',
    `A message must be a string or a Uint8Array, got ${got}; wrap an ArrayBuffer in new Uint8Array(), use JSON.stringify() for objects`,
  )
}
