import type { IncomingMessage, ServerResponse } from 'node:http'
import { closeGently } from './close-gently.ts'

const FINISH: unique symbol = Symbol('ends the answer')
/** A body of up to this size is read to its end, so that the connection can serve another request. */
const DRAIN_BYTES = 65_536
/** How much and how long a larger one is read, so that the client gets to see the answer. */
const LINGER_BYTES = 8_388_608
const LINGER_MS = 2_000

interface LingeringResponse extends ServerResponse {
  [FINISH]?: () => void
}

/** Whether what is outstanding of a request's body is small enough to read it for the sake of the connection. */
export function mayStayOpen(req: IncomingMessage): boolean {
  return Number(req.headers['content-length'] ?? Infinity) <= DRAIN_BYTES
}

/**
 * Ends an answer to a request whose body has not arrived in full.
 *
 * A socket closed with unread bytes is reset, and the reset overtakes the answer (RFC 9112 section 9.6); so the answer is
 * written, the body read and dropped, and only then, or after a bounded time and size, the response ended.
 */
export function lingerThenEnd(res: ServerResponse, body: string | Uint8Array | undefined): void {
  const { req } = res
  if (body === undefined) res.flushHeaders()
  else res.write(body)
  let dropped = 0
  const end = (): void => {
    clearTimeout(timer)
    req.off('data', onData).off('end', finish).off('close', finish).off('error', finish)
    req.on('error', ignore)
    res.end()
  }
  const finish = (): void => {
    const { socket } = res
    end()
    // Without `connection: close` Node would go on reading the body, however long it is.
    if (!req.complete) socket?.destroySoon()
  }
  const onData = (chunk: Buffer): void => {
    dropped += chunk.length
    if (dropped > LINGER_BYTES) finish()
  }
  const timer = setTimeout(finish, LINGER_MS)
  timer.unref()
  req.on('data', onData).on('end', finish).on('close', finish).on('error', finish)
  ;(res as LingeringResponse)[FINISH] = () => {
    const { socket } = res
    end()
    if (socket !== null) closeGently(socket)
  }
  req.resume()
}

/** Ends a response whose answer is written and which waits for the rest of a body that turned out to be malformed. */
export function endLingering(res: ServerResponse): boolean {
  const finish = (res as LingeringResponse)[FINISH]
  if (finish === undefined || res.writableEnded) return false
  finish()
  return true
}

function ignore(): void {}
