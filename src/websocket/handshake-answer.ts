import { GoWebError } from '../errors/goweb-error.ts'

/** What goes into the answer that accepts a handshake. */
export interface HandshakeAnswer {
  /** Value of Sec-WebSocket-Accept. */
  readonly acceptKey: string
  /** The chosen subprotocol; `''` for none. */
  readonly protocol: string
  /** Value of Sec-WebSocket-Extensions; `''` for none. */
  readonly extensions: string
  /** Further header lines. */
  readonly headers: Iterable<readonly [name: string, value: string]> | undefined
}

// Same rules as for the headers of any reply (RFC 9110 sections 5.5 and 5.6.2): nothing can split the answer.
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
// Lines that are the engine's to write, or that have no place in an answer without a body.
const RESERVED =
  /^(?:connection|upgrade|content-length|content-type|transfer-encoding|sec-websocket-(?:accept|extensions|protocol|version))$/i

/**
 * The bytes, in latin1, of the 101 answer (RFC 6455 section 4.2.2, item 5).
 *
 * Of `headers`, lines that the handshake itself owns are left out.
 *
 * @throws `HEADER_INVALID`
 */
export function handshakeAnswer(answer: HandshakeAnswer): string {
  let text =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${answer.acceptKey}\r\n`
  if (answer.protocol !== '') text += headerLine('Sec-WebSocket-Protocol', answer.protocol)
  if (answer.extensions !== '') text += headerLine('Sec-WebSocket-Extensions', answer.extensions)
  if (answer.headers !== undefined) {
    for (const [name, value] of answerHeaders(answer.headers)) text += headerLine(name, value)
  }
  return `${text}\r\n`
}

/**
 * The further header lines of the 101 answer: without those that the handshake itself owns.
 *
 * @throws `HEADER_INVALID`
 */
export function* answerHeaders(
  headers: HandshakeAnswer['headers'],
): IterableIterator<readonly [name: string, value: string]> {
  if (headers === undefined) return
  for (const line of headers) {
    if (RESERVED.test(line[0])) continue
    assertHeader(line[0], line[1])
    yield line
  }
}

function assertHeader(name: string, value: string): void {
  if (!NAME.test(name) || !VALUE.test(value)) {
    throw new GoWebError(
      'HEADER_INVALID',
      `The header ${JSON.stringify(name)} of the handshake's answer must be a token with a value free of control ` +
        'characters (RFC 9110 section 5.5); encode it',
    )
  }
}

function headerLine(name: string, value: string): string {
  assertHeader(name, value)
  return `${name}: ${value}\r\n`
}
