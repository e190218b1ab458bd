import { GoWebError } from '../../errors/goweb-error.ts'
import { isHost } from '../is-host.ts'
import type { BunRequest } from './bun-request.ts'

/** Scheme and authority of the last request whose host was valid, with the `/` behind them. */
let validOrigin = ''

/**
 * Says why a request that Bun's parser takes must not be served; undefined when it may.
 *
 * RFC 9112 section 3.2: a malformed host is answered with 400. Looks at no header of a request that is in order.
 */
export function requestProblem(request: BunRequest): GoWebError | undefined {
  // Clients of one site send the same host.
  if (request.beginsWith(validOrigin)) return undefined
  if (request.method === 'CONNECT') return new GoWebError('METHOD_NOT_IMPLEMENTED')
  const { authority } = request
  if (authority === '') {
    // There was none, or Bun could make no URL of it.
    return (request.header('host') ?? '') === '' ? undefined : malformed()
  }
  if (!isHost(authority)) return malformed()
  validOrigin = `${request.scheme}://${authority}/`
  return undefined
}

function malformed(): GoWebError {
  return new GoWebError('HOST_INVALID', 'The Host header is malformed')
}
