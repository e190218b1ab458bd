import type { IncomingMessage } from 'node:http'
import { GoWebError } from '../../errors/goweb-error.ts'
import { isHost } from '../is-host.ts'

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

let lastValid = ''

/**
 * Finds a malformed host, in the Host header or in a target in absolute form, or more than one Host header.
 *
 * RFC 9112 section 3.2: such a request is answered with 400.
 */
export function hostProblem(req: IncomingMessage): GoWebError | undefined {
  const host = req.headers.host ?? ''
  // Clients of one site send the same host.
  if (host !== lastValid) {
    if (host !== '' && !isHost(host)) return new GoWebError('HOST_INVALID', 'The Host header is malformed')
    lastValid = host
  }
  const authority = authorityOf(req.url ?? '/')
  if (authority !== undefined && !isHost(authority)) {
    return new GoWebError('HOST_INVALID', 'The host in the target of the request is malformed')
  }
  const { rawHeaders } = req
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string // The array holds names and values in turn.
    if (name.length === 4 && name.toLowerCase() === 'host' && ++count > 1) {
      return new GoWebError('HOST_INVALID', 'The request has more than one Host header')
    }
  }
  return undefined
}

/** The host of a target in absolute form (RFC 9112 section 3.2.2); undefined for every other target. */
export function authorityOf(target: string): string | undefined {
  if (target.startsWith('/')) return undefined
  return ABSOLUTE.exec(target)?.[1]
}
