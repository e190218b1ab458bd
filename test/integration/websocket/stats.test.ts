import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { GoWeb, type AppStats, type Server, type Socket } from 'goweb'
import { repeated } from '../../conformance/wire/bytes.ts'
import { clientFrame } from '../../conformance/wire/frames.ts'
import { SocketClient } from '../../conformance/wire/socket-client.ts'

type Route = Parameters<GoWeb['ws']>[1]

describe('app.stats()', () => {
  let app: GoWeb
  let servers: Server[]
  let sockets: Socket[]
  /** Close codes of the sockets that are gone. */
  let closed: number[]
  let wake: () => void
  afterEach(() => Promise.all(servers.map((server) => server.close(0))))

  async function listen(route: Route = {}, serverCount = 1): Promise<void> {
    sockets = []
    servers = []
    closed = []
    wake = () => {}
    app = new GoWeb()
    app.ws('/echo', {
      open: (socket) => {
        sockets.push(socket)
        socket.subscribe('all')
      },
      message: (socket, message) => {
        if (message === 'publish') socket.publish('all', 'news')
        else socket.send(message)
      },
      close: (_socket, code) => {
        closed.push(code)
        wake()
      },
      error: () => {},
      ...route,
    })
    for (let i = 0; i < serverCount; i++) servers.push(await app.listen({ port: 0, host: '127.0.0.1' }))
  }

  const open = (server = 0): Promise<SocketClient> => SocketClient.open({ port: servers[server]?.port ?? 0 })

  /** Waits until so many sockets are gone. */
  async function gone(count: number): Promise<void> {
    while (closed.length < count) await new Promise<void>((resolve) => (wake = resolve))
  }

  function assertStats(expected: Partial<AppStats>): void {
    const stats = app.stats()
    const names = Object.keys(expected) as (keyof AppStats)[]
    assert.deepEqual(Object.fromEntries(names.map((name) => [name, stats[name]])), expected)
  }

  test('is a plain object of whole numbers, 0 before anything happened', () => {
    servers = []
    const stats = new GoWeb().stats()
    assert.equal(Object.getPrototypeOf(stats), Object.prototype)
    assert.ok(Object.keys(stats).length > 15)
    for (const [name, value] of Object.entries(stats)) assert.equal(value, 0, name)
    assert.deepEqual(JSON.parse(JSON.stringify(stats)), stats)
  })

  test('counts sockets, messages and bytes', async () => {
    await listen()
    const client = await open()
    const handshakeBytes = app.stats().bytesOut
    assert.ok(handshakeBytes > 100)
    await client.sendText('hello')
    assert.equal(await client.takeText(), 'hello')
    assertStats({
      socketsOpen: 1,
      socketsOpened: 1,
      socketsClosed: 0,
      messagesIn: 1,
      messagesOut: 1,
      bytesIn: 11,
      bytesOut: handshakeBytes + 7,
      bufferedBytes: 0,
    })
    await client.close()
    await gone(1)
    assertStats({ socketsOpen: 0, socketsClosed: 1, socketsClosedNormally: 1 })
  })

  test('counts what was published, and each delivery', async () => {
    await listen()
    const clients = [await open(), await open(), await open()]
    await clients[0]?.sendText('publish')
    assert.equal(await clients[1]?.takeText(), 'news')
    assert.equal(await clients[2]?.takeText(), 'news')
    assertStats({ topicPublishes: 1, topicDeliveries: 2, messagesOut: 0 })
    app.topics.publish('all', 'to all')
    app.topics.publish('nobody', 'there')
    for (const client of clients) assert.equal(await client.takeText(), 'to all')
    assertStats({ topicPublishes: 3, topicDeliveries: 5 })
    for (const client of clients) await client.close()
  })

  test('tells how sockets ended', async () => {
    await listen({ messagesPerSecond: 1, messageBurst: 2 })
    const endings: ((client: SocketClient) => Promise<unknown>)[] = [
      (client) => client.close(),
      (client) => client.sendClose(4001),
      (client) => client.sendClose(),
      async (client) => client.tcp.reset(),
      (client) => client.send(0x83), // an opcode that is reserved
      (client) => client.tcp.write(Buffer.concat([1, 2, 3].map(() => clientFrame(0x82)))),
    ]
    for (const [index, end] of endings.entries()) {
      const client = await open()
      await end(client)
      await gone(index + 1)
      await client.tcp.close()
    }
    assertStats({
      socketsOpen: 0,
      socketsClosed: 6,
      socketsClosedNormally: 2,
      socketsClosedByApp: 1,
      socketsClosedLost: 1,
      socketsClosedWithError: 2,
      socketsClosedForViolation: 1,
      socketsClosedForRate: 1,
      socketsClosedForBackpressure: 0,
    })
  })

  for (const policy of ['close', 'drop'] as const) {
    test(`tells what slow peers cost (policy ${policy})`, async () => {
      await listen({ maxBackpressureBytes: 1_000_000, backpressurePolicy: policy })
      const client = await open()
      client.tcp.socket.pause()
      const piece = repeated(0x2a, 100_000)
      let sent = 0
      while (sockets[0]?.send(piece) !== 'dropped') sent++
      assertStats({
        messagesOut: sent,
        messagesDropped: 1,
        socketsClosedForBackpressure: policy === 'close' ? 1 : 0,
        bufferedBytes: sockets[0].bufferedAmount,
      })
      // Of a socket that is closed Bun does not tell what waits.
      if (process.versions['bun'] === undefined || policy === 'drop') assert.ok(app.stats().bufferedBytes > 0)
      await client.tcp.close()
      await gone(1)
      assertStats({ socketsOpen: 0, bufferedBytes: 0 })
    })
  }

  test('sums up all servers of the app, and keeps the numbers of closed ones', async () => {
    await listen({}, 2)
    const clients = [await open(0), await open(1), await open(1)]
    for (const client of clients) {
      await client.sendText('hi')
      await client.takeText()
    }
    assertStats({ socketsOpen: 3, messagesIn: 3 })
    await Promise.all([...clients.map((client) => client.close()), gone(3)])
    await servers[1]?.close()
    assertStats({ socketsOpen: 0, socketsOpened: 3, messagesIn: 3 })
  })
})
