import { GoWebError } from '../errors/goweb-error.ts'
import { errorCode } from './error-code.ts'
import type { ResolvedListenOptions } from './listen-options.ts'

/**
 * Says why a server cannot listen where it was told to: `LISTEN_ADDRESS_IN_USE` or `LISTEN_FAILED`.
 *
 * @param code that of the system, such as `EADDRINUSE`. Default: that of the cause.
 */
export function listenError(
  cause: unknown,
  options: ResolvedListenOptions,
  code: string | undefined = errorCode(cause),
): GoWebError {
  const where = options.path ?? `${options.host ?? 'all addresses'}, port ${options.port}`
  if (code === 'EADDRINUSE') {
    return new GoWebError(
      'LISTEN_ADDRESS_IN_USE',
      `listen: ${where} is in use; stop what listens there or choose another`,
      { cause },
    )
  }
  return new GoWebError(
    'LISTEN_FAILED',
    `listen: ${where} cannot be listened on (${code ?? 'see the cause'})`,
    { cause },
  )
}
