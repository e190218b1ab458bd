import type { IncomingMessage } from 'node:http'

/** Whether a request has a body, by what its headers say (RFC 9112 section 6.3). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
