import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { ignoreError } from './web-socket-driver.ts'

/** A request that asks to change to a protocol other than WebSocket. */
export interface IgnoredUpgrade {
  readonly req: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/**
 * Serves a request as if it had not asked for an upgrade (RFC 9110 section 7.8).
 *
 * Node before 22.21 and 24.9 has no `shouldUpgradeCallback`: it stops parsing at any `Upgrade`. The request is put back in front
 * of the connection without that header, and the connection given to the server anew.
 */
export function ignoreUpgrade(server: HttpServer, { req, socket, head }: IgnoredUpgrade): void {
  let text = `${req.method} ${req.url} HTTP/${req.httpVersion}\r\n`
  for (let i = 0; i + 1 < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i] ?? ''
    if (name.toLowerCase() !== 'upgrade') text += `${name}: ${req.rawHeaders[i + 1]}\r\n`
  }
  socket.off('error', ignoreError)
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
