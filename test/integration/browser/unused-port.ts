import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port that nothing uses, and that nobody gets by asking for any: outside of the range that the system gives out, so
 * that it is still unused when a server stops and starts again.
 */
export async function unusedPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const probe = createServer()
    try {
      probe.listen(port)
      await once(probe, 'listening')
    } catch {
      continue
    }
    probe.close()
    await once(probe, 'close')
    return port
  }
}
