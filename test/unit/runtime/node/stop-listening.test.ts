import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { setImmediate as iteration } from 'node:timers/promises'
import { stopListening } from '../../../../src/runtime/node/stop-listening.ts'

const LONG_MS = 600_000

async function listening(t: TestContext): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return server
}

/** Does something in every iteration of the event loop, until the returned function is called. */
function inEachIteration(step: () => void): () => Promise<void> {
  const over = new AbortController()
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      step()
      await iteration()
    }
  }
  const running = run()
  return () => {
    over.abort()
    return running
  }
}

/** Tells a server that somebody has come. */
function crowd(server: Server): () => Promise<void> {
  return inEachIteration(() => void server.emit('connection'))
}

function workForAMillisecond(): void {
  for (const endMs = performance.now() + 1; performance.now() < endMs;) continue
}

describe('a server that is to stop listening', () => {
  test('does so at once when nobody comes, and keeps no listener', async (t) => {
    const server = await listening(t)
    await stopListening(server, LONG_MS)
    assert.equal(server.listening, false)
    assert.equal(server.listenerCount('connection'), 0)
  })

  test('goes on as long as somebody comes', async (t) => {
    const server = await listening(t)
    const leave = crowd(server)
    const stopped = stopListening(server, LONG_MS)
    for (let i = 0; i < 1_000; i++) await iteration()
    assert.equal(server.listening, true)
    await leave()
    await stopped
    assert.equal(server.listening, false)
  })

  test('waits a while for an iteration in which nothing is done, since somebody may come during the others', async (t) => {
    const server = await listening(t)
    const rest = inEachIteration(workForAMillisecond)
    const startMs = performance.now()
    await stopListening(server, LONG_MS)
    assert.ok(performance.now() - startMs >= 100)
    assert.equal(server.listening, false)
    await rest()
  })

  test('does not wait longer than it may', async (t) => {
    const server = await listening(t)
    const leave = crowd(server)
    await stopListening(server, 20)
    assert.equal(server.listening, false)
    await leave()
  })

  test('is waited for no longer when somebody else has closed it', async (t) => {
    const server = await listening(t)
    const leave = crowd(server)
    const stopped = stopListening(server, LONG_MS)
    server.close()
    await stopped
    await leave()
  })
})
