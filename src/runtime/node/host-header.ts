import type { IncomingMessage } from 'node:http'
import { GoWebError } from '../../errors/goweb-error.ts'

// RFC 3986 section 3.2.2: reg-name, IPv4 or bracketed IPv6, and a port; no userinfo.
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?$/

let lastValid = ''

/** RFC 9112 section 3.2: a request with more than one Host, or a malformed one, is answered with 400. */
export function hostProblem(req: IncomingMessage): GoWebError | undefined {
  const host = req.headers.host ?? ''
  // Clients of one site send the same host.
  if (host !== lastValid) {
    if (!HOST.test(host)) return new GoWebError('HOST_INVALID', 'The Host header is malformed')
    lastValid = host
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
