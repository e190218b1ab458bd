import { type GoWebError, isGoWebError } from '../errors/goweb-error.ts'
import { PROTOCOL_ERROR } from '../protocol/error-codes.ts'
import type { ReplyError } from '../protocol/reply.ts'

/** Failures for which Centrifugo's protocol has a code; all others below 500 have their HTTP status as code. */
const BY_STATUS: ReadonlyMap<number, ReplyError> = new Map<number, ReplyError>([
  [401, PROTOCOL_ERROR.UNAUTHORIZED],
  [403, PROTOCOL_ERROR.PERMISSION_DENIED],
  [429, PROTOCOL_ERROR.TOO_MANY_REQUESTS],
])

const BY_NAME: ReadonlyMap<string, ReplyError> = new Map<string, ReplyError>([
  ['CALL_UNKNOWN', PROTOCOL_ERROR.METHOD_NOT_FOUND],
  ['CHANNEL_UNKNOWN', PROTOCOL_ERROR.UNKNOWN_CHANNEL],
  ['TOKEN_EXPIRED', PROTOCOL_ERROR.TOKEN_EXPIRED],
])

/**
 * What a client is told of an error that a handler threw.
 *
 * A `GoWebError` whose status is below 500 is told with its message, name and issues: with Centrifugo's code where there is one, otherwise
 * with its HTTP status as code. All others are internal: nothing of them is told but whether trying again may help.
 */
export function toReplyError(error: unknown): ReplyError {
  if (!isGoWebError(error) || error.status >= 500) {
    return isGoWebError(error) && error.status === 503
      ? { ...PROTOCOL_ERROR.INTERNAL, message: 'unavailable', name: error.code }
      : PROTOCOL_ERROR.INTERNAL
  }
  return describe(error, BY_NAME.get(error.code) ?? BY_STATUS.get(error.status))
}

/** Whether an error concerns the developer and has to be reported. */
export function isInternalError(error: unknown): boolean {
  return !isGoWebError(error) || error.status >= 500
}

function describe(error: GoWebError, known: ReplyError | undefined): ReplyError {
  const { code: name, message, issues } = error
  const code = known?.code ?? error.status
  const isTemporary = known?.temporary === true
  const base: ReplyError = isTemporary ? { code, message, temporary: true, name } : { code, message, name }
  return issues === undefined ? base : { ...base, issues }
}
