import { hash } from 'node:crypto'

// RFC 6455 section 1.3.
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * The value of Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2, item 5.4). Imported by runtimes only.
 *
 * In one call: a `Hash` is an object of OpenSSL's, kept until garbage is collected.
 */
export function acceptKey(key: string): string {
  return hash('sha1', key + GUID, 'base64')
}
