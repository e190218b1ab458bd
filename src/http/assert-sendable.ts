import { GoWebError } from '../errors/goweb-error.ts'
import { assertHeaderValue } from './reply-headers.ts'
import type { Reply, ReplyBody } from './reply.ts'
import { checkStatus } from './to-reply.ts'

/** Almost every answer has the type of one before it. */
let lastType: string | undefined

/**
 * Checks what middleware may have changed in a reply since a handler returned it, so that no runtime meets what it cannot send.
 *
 * @throws `STATUS_INVALID`, `HEADER_INVALID` for the type, `REPLY_UNSUPPORTED` for the body.
 */
export function assertSendable(reply: Reply): void {
  const { status, type, body } = reply
  checkStatus(status)
  if (type !== undefined && type !== lastType) {
    assertHeaderValue('content-type', type)
    lastType = type
  }
  if (!isBody(body)) {
    throw new GoWebError(
      'REPLY_UNSUPPORTED',
      `The body of a reply is ${describe(body)}; give a string, bytes, a stream that nobody reads yet, or null`,
    )
  }
}

/** Whether a body is sent as it comes, so that its end is not known yet. */
export function isStream(body: ReplyBody): body is Exclude<ReplyBody, null | string | Uint8Array> {
  return body !== null && typeof body === 'object' && !(body instanceof Uint8Array)
}

function isBody(body: unknown): boolean {
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return true
  if (body instanceof ReadableStream) return !body.locked
  return (
    typeof body === 'object' &&
    Symbol.asyncIterator in body &&
    typeof body[Symbol.asyncIterator] === 'function'
  )
}

function describe(body: unknown): string {
  if (body instanceof ReadableStream) return 'a stream that is already read'
  return body === undefined ? 'missing' : `no body but of the type ${typeof body}`
}
