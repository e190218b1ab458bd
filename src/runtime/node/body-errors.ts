import type { IncomingMessage } from 'node:http'
import { GoWebError } from '../../errors/goweb-error.ts'
import { hasBody } from './has-body.ts'

export function bodyTooLarge(limitBytes: number): GoWebError {
  return new GoWebError('BODY_TOO_LARGE', `The body is larger than ${limitBytes} bytes`)
}

/**
 * What reading a body that has ended comes to: undefined for one that never came, whose stream Node may end before the handler
 * runs. Any other was read from `c.raw`, or dropped after the answer.
 */
export function endedBodyProblem(req: IncomingMessage): GoWebError | undefined {
  if (!hasBody(req)) return undefined
  return new GoWebError(
    'BODY_ALREADY_READ',
    'The body is gone: it was read from c.raw, or dropped when the answer was sent; read it before',
  )
}

export function bodyAborted(cause?: unknown): GoWebError {
  return new GoWebError('BODY_ABORTED', 'The client left before the body was complete', { cause })
}
