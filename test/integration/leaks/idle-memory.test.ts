import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { FloodProcess } from '../websocket/flood-process.ts'
import type { SocketClient } from '../../conformance/wire/socket-client.ts'

const CONNECTIONS = 2_000
const BATCH = 200
/** Twice what they cost; a closure, a timer or a buffer for each would show. */
const MAX_HEAP_BYTES_EACH = 6_000
const MAX_RSS_BYTES_EACH = 12_000

describe('idle sockets', () => {
  let server: FloodProcess
  before(async () => {
    server = await FloodProcess.start()
  })
  after(() => server.stop())

  async function openAll(): Promise<SocketClient[]> {
    const clients: SocketClient[] = []
    while (clients.length < CONNECTIONS) {
      clients.push(...(await Promise.all(Array.from({ length: BATCH }, () => server.open('/echo')))))
    }
    return clients
  }

  /** Has each exchange a message, so that it is idle and not merely new. */
  async function useAll(clients: readonly SocketClient[]): Promise<void> {
    for (const client of clients) {
      await client.sendText('hello')
      await client.takeText()
    }
  }

  test(`cost at most ${MAX_HEAP_BYTES_EACH} bytes of heap and buffers each`, async () => {
    // The first ones fill caches and the young generation, once for all.
    const first = await openAll()
    await useAll(first)
    await Promise.all(first.map((client) => client.tcp.close()))
    while ((await server.measure()).stats.socketsOpen > 1);
    const start = await server.measure()

    const clients = await openAll()
    await useAll(clients)
    const end = await server.measure()
    const heap = (end.heapBytes + end.bufferBytes - start.heapBytes - start.bufferBytes) / CONNECTIONS
    const rss = (end.rssBytes - start.rssBytes) / CONNECTIONS
    console.log(
      `note: ${CONNECTIONS} idle sockets: ${Math.round(heap)} bytes of heap and buffers each, RSS ${Math.round(rss)}`,
    )
    assert.equal(end.stats.socketsOpen, CONNECTIONS + 1)
    assert.ok(heap < MAX_HEAP_BYTES_EACH, `${heap} bytes of heap and buffers each`)
    assert.ok(rss < MAX_RSS_BYTES_EACH, `${rss} bytes of RSS each`)
    await Promise.all(clients.map((client) => client.tcp.close()))
  })
})
