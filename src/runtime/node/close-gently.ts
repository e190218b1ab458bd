import type { Duplex } from 'node:stream'

/** How long the client may take to close after it was told. */
const LINGER_MS = 2_000

/**
 * Closes a connection so that the client can read what was written last.
 *
 * A connection closed with unread bytes is reset, and the reset overtakes the answer (RFC 9112 section 9.6). So this side is ended,
 * what still arrives is dropped, and only when the client has ended too, or after a bounded time, is the connection gone.
 *
 * @param last written before the end.
 */
export function closeGently(socket: Duplex, last?: string): void {
  if (last === undefined) socket.end()
  else socket.end(last)
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
  socket.on('error', ignore)
  socket.resume()
}

function ignore(): void {}
