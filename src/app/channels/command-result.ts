import { GoWebError } from '../../errors/goweb-error.ts'
import { Reply } from '../../http/reply.ts'
import type { Json } from '../../protocol/json.ts'
import type { AcceptedPublication, ConnectGrant, SubscribeGrant } from '../../realtime/realtime-handlers.ts'

/** The end of a chain that let a command pass, so that no middleware's own result is taken for it. */
export class Granted<Grant extends SubscribeGrant | ConnectGrant | AcceptedPublication> {
  readonly grant: Grant

  constructor(grant: Grant) {
    this.grant = grant
  }
}

/**
 * What a middleware may end the chain of a command with: the result of `next`, or a refusal as it would answer a request.
 *
 * @throws the refusal; `COMMAND_RESULT_INVALID` for everything else.
 */
export function toGranted(result: unknown): Granted<never> {
  if (result instanceof Granted) return result as Granted<never>
  throwRefusal(result)
  throw new GoWebError(
    'COMMAND_RESULT_INVALID',
    'A middleware ended a channel command with a result of its own; return next(), or throw to refuse',
  )
}

/** The same for calls, whose answer a middleware may give itself. */
export function toCallResult(result: unknown): unknown {
  throwRefusal(result)
  return result
}

function throwRefusal(result: unknown): void {
  if (!(result instanceof Reply || result instanceof Response)) return
  const { status } = result
  if (status >= 500) throw new GoWebError('UNAVAILABLE')
  if (status === 401) throw new GoWebError('UNAUTHORIZED')
  if (status === 404) throw new GoWebError('NOT_FOUND')
  if (status === 429) throw new GoWebError('TOO_MANY_REQUESTS')
  if (status >= 400) throw new GoWebError('FORBIDDEN', undefined, { status })
  if (status >= 300) throw new GoWebError('FORBIDDEN') // Sent to log in, say.
  throw new GoWebError(
    'COMMAND_RESULT_INVALID',
    `A middleware ended a channel command with an HTTP answer (${status}); return next(), or throw to refuse`,
  )
}

/** What JSON makes of it is the encoder's matter; there is no undefined in JSON. */
export function toJson(value: unknown): Json {
  return (value === undefined ? null : value) as Json
}
