import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const FIRST = 20_000
const COUNT = 10_000

/**
 * A port that nothing uses, and that nobody gets by asking for any: outside of the range that the system gives out, so
 * that it is still unused when a server stops and starts again. Nor does another test get it here while this process runs.
 */
export async function unusedPort(): Promise<number> {
  for (;;) {
    const offset = Math.floor(Math.random() * COUNT)
    const port = FIRST + offset
    if ((await claims(FIRST - COUNT + offset)) && (await isUnused(port))) return port
  }
}

/** A port of UDP stands for one of TCP, from now on: whoever has it first may use the other. */
async function claims(claim: number): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.bind(claim, '127.0.0.1')
    await once(socket, 'listening')
  } catch {
    socket.close()
    return false
  }
  socket.unref()
  return true
}

async function isUnused(port: number): Promise<boolean> {
  const probe = createServer()
  try {
    probe.listen(port)
    await once(probe, 'listening')
  } catch {
    return false
  }
  probe.close()
  await once(probe, 'close')
  return true
}
