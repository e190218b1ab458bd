import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from '../../app/dispatcher.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import { closeGently } from './close-gently.ts'
import { endLingering } from './linger.ts'

const RESPONSE: unique symbol = Symbol('the response that the connection is at')
const IS_REFUSED: unique symbol = Symbol('whether the connection was given up')

interface HttpSocket extends Duplex {
  [RESPONSE]?: ServerResponse
  [IS_REFUSED]?: boolean
}

/**
 * Notes which response a connection is at: the newest, whose end is the end of all before it.
 *
 * @returns whether it is the first.
 */
export function rememberResponse(socket: Duplex, res: ServerResponse): boolean {
  const connection = socket as HttpSocket
  const isFirst = connection[RESPONSE] === undefined
  connection[RESPONSE] = res
  return isFirst
}

/**
 * Whether a request on this connection still waits for its answer, or a part of it.
 *
 * `closed`, not `writableFinished`: that is true as soon as the system has the bytes, while Node still keeps the response at its
 * socket, where another one cannot be put.
 */
export function isAnswering(socket: Duplex): boolean {
  return (socket as HttpSocket)[RESPONSE]?.closed === false
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'REQUEST_HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_ARRIVAL_TIMEOUT',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'BODY_TOO_LARGE',
}

/**
 * Answers what Node's parser refused, or what took too long, and closes the connection.
 *
 * The answer keeps its place: requests that came before on the same connection are answered first (RFC 9112 section 9.3.2).
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Duplex,
  dispatcher: Dispatcher,
): void {
  const connection = socket as HttpSocket
  // The parser tells every further packet again.
  if (connection[IS_REFUSED] === true) return
  // Behind a request with `Connection: close`, after whose answer the connection ends by itself.
  if (error.code === 'HPE_CLOSED_CONNECTION') return
  connection[IS_REFUSED] = true
  const code = error.code === 'ECONNRESET' ? undefined : (CODES[error.code ?? ''] ?? 'REQUEST_MALFORMED')
  const refuse = (): void => refuseConnection(socket, dispatcher, code)
  const current = connection[RESPONSE]
  if (code === undefined || current === undefined || current.closed) refuse()
  // The error is that of a later message.
  else if (current.req.complete) current.once('close', refuse)
  // It is that of the current message. An answer that has begun can only be broken off, unless all of it is written.
  else if (current.headersSent) {
    if (!endLingering(current)) socket.destroy()
  }
  // A response gets its socket when those before it are finished.
  else if (current.socket === null) current.once('socket', refuse)
  else refuse()
}

/** Gives an answer that belongs to no response of Node's, and closes the connection. */
export function refuseConnection(socket: Duplex, dispatcher: Dispatcher, code: ErrorCode | undefined): void {
  if (code === undefined || !socket.writable) {
    socket.destroy()
    return
  }
  const reply = dispatcher.errorReply(new GoWebError(code))
  const body = typeof reply.body === 'string' ? reply.body : ''
  const head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n`
  const headers = `content-type: ${reply.type ?? 'text/plain'}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n`
  closeGently(socket, `${head}${headers}\r\n${body}`)
}
