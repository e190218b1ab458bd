import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from '../../app/dispatcher.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { ErrorCode } from '../../errors/codes.ts'

const RESPONSE: unique symbol = Symbol('the response that the connection is at')
/** How long the client may take to close after it was told. */
const LINGER_MS = 2_000

interface HttpSocket extends Duplex {
  [RESPONSE]?: ServerResponse
}

/** Notes which response a connection is at, so that an error in the middle of it is not written into it. */
export function rememberResponse(socket: Duplex, res: ServerResponse): void {
  ;(socket as HttpSocket)[RESPONSE] = res
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'REQUEST_HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_ARRIVAL_TIMEOUT',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'BODY_TOO_LARGE',
}

/**
 * Answers what Node's parser refused, or what took too long, and closes the connection.
 *
 * Closes in a way that lets the client read the answer: after it the socket is half-closed, what still arrives is dropped, and only
 * then, or after a bounded time, is the connection ended (RFC 9112 section 9.6).
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: Duplex,
  dispatcher: Dispatcher,
): void {
  const current = (socket as HttpSocket)[RESPONSE]
  const isInAnswer = current !== undefined && current.headersSent && !current.writableFinished
  if (error.code === 'ECONNRESET' || !socket.writable || isInAnswer) {
    socket.destroy()
    return
  }
  const code = CODES[error.code ?? ''] ?? 'REQUEST_MALFORMED'
  const reply = dispatcher.errorReply(new GoWebError(code))
  const body = typeof reply.body === 'string' ? reply.body : ''
  const head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n`
  const headers = `content-type: ${reply.type ?? 'text/plain'}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n`
  socket.end(`${head}${headers}\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
  socket.once('end', () => socket.destroy())
  socket.on('error', ignore)
  socket.resume()
}

function ignore(): void {}
