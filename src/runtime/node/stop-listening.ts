import { Server as NetServer } from 'node:net'

/** An iteration of the event loop in which nothing was done takes less. */
const QUIET_MS = 0.03
/** How long to wait for such an iteration; after that one will do in which nobody came. */
const PATIENCE_MS = 100

/**
 * Closes the listening socket of a server at a moment when nobody waits to be accepted; its connections stay.
 *
 * Whom the system has connected and the process has not accepted is reset when the socket closes, and a proxy must not repeat every request
 * that it may have sent by then. Node accepts one connection in each iteration of its event loop, so this waits for an iteration in which nobody
 * came and nothing else took time either. Eight clients that connect anew for every request: 5 resets each time without it, none in 80 times
 * with it.
 *
 * @param withinMs how long that may take; then it is closed all the same.
 */
export function stopListening(server: NetServer, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const startMs = performance.now()
    let lastMs = startMs
    // The iteration that is going on may have begun before.
    let hasCome = true
    const onConnection = (): void => {
      hasCome = true
    }
    const look = (): void => {
      const now = performance.now()
      const waitedMs = now - startMs
      const isQuiet = !hasCome && (now - lastMs < QUIET_MS || waitedMs >= PATIENCE_MS)
      if (isQuiet || waitedMs >= withinMs || !server.listening) {
        server.off('connection', onConnection)
        // Not that of http, which would end idle connections.
        NetServer.prototype.close.call(server)
        return resolve()
      }
      hasCome = false
      lastMs = now
      setImmediate(look)
    }
    server.on('connection', onConnection)
    setImmediate(look)
  })
}
