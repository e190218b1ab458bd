import { GoWebError } from '../errors/goweb-error.ts'
import { Reply } from './reply.ts'

// RFC 9110 section 7.6.1: they concern one connection, so they are not passed on.
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Makes a {@link Reply} of a standard `Response`, its body not read but passed on.
 *
 * A `Response` that came from `fetch` can be returned as it is (a proxy): headers of its connection are dropped, and so
 * are Content-Encoding and Content-Length where `fetch` has decoded the body.
 *
 * @throws `REPLY_UNSUPPORTED` when the body was read, or for `Response.error()`.
 */
export function responseToReply(response: Response): Reply {
  if (response.type === 'error') {
    throw new GoWebError(
      'REPLY_UNSUPPORTED',
      'Response.error() cannot be sent; return a Response with a status',
    )
  }
  if (response.bodyUsed || response.body?.locked === true) {
    throw new GoWebError(
      'REPLY_UNSUPPORTED',
      'The body of the returned Response was already read; return a clone',
    )
  }
  const { headers } = response
  const reply = new Reply(response.status, response.body, headers.get('content-type') ?? undefined)
  const isDecoded = response.url !== '' && headers.has('content-encoding')
  for (const [name, value] of headers) {
    if (name === 'content-type' || name === 'set-cookie' || HOP_BY_HOP.has(name)) continue
    if (isDecoded && (name === 'content-encoding' || name === 'content-length')) continue
    reply.headers.set(name, value)
  }
  for (const line of headers.getSetCookie()) reply.headers.append('set-cookie', line)
  return reply
}
