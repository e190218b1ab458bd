import { GoWebError } from '../../errors/goweb-error.ts'

export function bodyTooLarge(limitBytes: number): GoWebError {
  return new GoWebError('BODY_TOO_LARGE', `The body is larger than ${limitBytes} bytes`)
}

export function bodyAborted(cause?: unknown): GoWebError {
  return new GoWebError('BODY_ABORTED', 'The client left before the body was complete', { cause })
}
