import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { FloodProcess } from './flood-process.ts'

/** Files that this process and the server keep open besides the connections. */
const OTHER_FILES = 500
const CONNECTIONS = Math.min(10_000, openFilesLimit() - OTHER_FILES)
/** Connections that are opened at once. */
const BATCH = 250
/** What the server may use more for them: 20 kB for each. */
const MAX_GROWTH_BYTES = 20_000 * CONNECTIONS

/** How many files a process may have open; Node raises its limit as far as it may. */
function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
    if (soft !== undefined) return Number(soft)
  } catch {
    // Not Linux.
  }
  return 4_096
}

describe('connections that say nothing', () => {
  let server: FloodProcess
  const connections: Socket[] = []
  before(async () => {
    server = await FloodProcess.start()
  })
  after(async () => {
    for (const connection of connections) connection.destroy()
    await server.stop()
  })

  async function connectSilently(): Promise<{ readonly closed: Promise<unknown> }> {
    const connection = connect({ port: server.port, host: '127.0.0.1' })
    connections.push(connection)
    connection.on('error', () => {}).resume()
    const closed = new Promise((resolve) => connection.once('close', resolve))
    await once(connection, 'connect')
    return { closed }
  }

  test(`${CONNECTIONS} are ended after headersTimeoutMs, and others are served meanwhile`, async () => {
    const start = await server.measure()
    const ends: Promise<unknown>[] = []
    while (connections.length < CONNECTIONS) {
      const batch = await Promise.all(
        Array.from({ length: Math.min(BATCH, CONNECTIONS - connections.length) }, connectSilently),
      )
      ends.push(...batch.map(({ closed }) => closed))
      await server.serveBystander()
    }
    assert.equal(await (await fetch(`http://127.0.0.1:${server.port}/`)).text(), 'hello')
    const { rssBytes } = await server.measure()
    const grown = rssBytes - start.rssBytes
    console.log(`note: ${CONNECTIONS} silent connections, ${Math.round(grown / CONNECTIONS)} bytes each`)
    assert.ok(grown < MAX_GROWTH_BYTES, `${grown} bytes more`)
    await Promise.all(ends)
    await server.serveBystander()
    assert.equal((await server.measure()).stats.socketsOpen, 1)
  })
})
