import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { GoWeb, sse, SseStream, type DrainOptions, type Server } from 'goweb'
import { z } from 'zod'
import { assertEnds, assertStays, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { SocketClient, handshakeRequest } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { skipOn } from '../../skip-on.ts'
import { ChannelClient } from '../channels/channel-client.ts'

const within = { timeout: 60_000 }
/** Longer than any test may take: a drain that waits for it fails by the time-out of its test. */
const LONG: DrainOptions = { timeoutMs: 600_000 }

const skip = skipOn('bun', 'Bun ends idle connections as soon as it does not listen any more')

/** A server whose `/held`, publishes and last words are held back until they are let go. */
async function makeServer(t: TestContext, drain: DrainOptions = LONG, signal?: AbortSignal) {
  const held = Promise.withResolvers<void>()
  const hold = Promise.withResolvers<void>()
  const log: string[] = []
  const enter = async (): Promise<void> => {
    held.resolve()
    await hold.promise
  }
  const app = new GoWeb({ report: (error) => assert.fail(String(error)) })
    .get('/hello', (c) => c.text('hello'))
    .get('/held', async (c) => {
      await enter()
      return c.text('held')
    })
    .get('/events', () => {
      const stream = new SseStream()
      stream.send('first')
      stream.signal.addEventListener('abort', () => log.push('stream over'))
      return sse(stream)
    })
    .ws('/echo', { message: (socket, message) => void socket.send(message) })
    .ws('/last', {
      message: (socket, message) => void socket.send(message),
      shutdown: async (socket) => {
        log.push('shutdown')
        await enter()
        socket.send('last words')
      },
      close: (_socket, code) => void log.push(`close ${code}`),
    })
    .channel('rooms/{room}', {
      delivery: 'replay',
      history: { size: 100, ttl: '1h' },
      public: true,
      events: {
        held: z.unknown(),
        quick: z.unknown(),
      },
      on: {
        held: async () => await enter(),
        quick: (_c, data) => {
          log.push(`published ${JSON.stringify(data)}`)
        },
      },
    })
    .onStop(() => void log.push('stopped'))
  const server = await app.listen({
    port: 0,
    host: '127.0.0.1',
    closeTimeoutMs: 600_000,
    ...(signal && { signal }),
  })
  t.after(() => {
    hold.resolve()
    return server.close(0)
  })
  const clients: TcpClient[] = []
  t.after(async () => {
    for (const client of clients) await client.close()
  })
  return {
    server,
    log,
    held: held.promise,
    letGo: hold.resolve,
    drain: () => server.drain(drain),
    connect: async () => {
      const client = await TcpClient.connect({ port: server.port })
      clients.push(client)
      return client
    },
    open: async (target: string) => {
      const client = await SocketClient.open({ port: server.port, target })
      clients.push(client.tcp)
      return client
    },
  }
}

/** Connects again and again until the address is given up. @param pauseMs between two tries; without one there is always somebody coming. */
async function refuses({ port }: Server, pauseMs = 5): Promise<void> {
  for (;;) {
    try {
      const client = await TcpClient.connect({ port })
      await client.close()
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ECONNREFUSED') return
      assert.equal(code, 'ECONNRESET')
    }
    if (pauseMs > 0) await setTimeout(pauseMs)
  }
}

describe('a server that drains', () => {
  test('lets requests in flight finish, and stops the app at the end', within, async (t) => {
    const { server, held, letGo, log, drain, connect } = await makeServer(t)
    const client = await connect()
    await client.write(request('GET /held'))
    await held
    const draining = drain()
    assert.equal(server.drain(), draining, 'the same promise')
    await refuses(server)
    assert.deepEqual(log, [])
    letGo()
    const response = await takeResponse(client)
    assert.deepEqual([response.body.toString(), response.header('connection')], ['held', 'close'])
    await assertEnds(client)
    await draining
    assert.deepEqual(log, ['stopped'])
    await server.closed
  })

  test(
    'serves everybody whom the system has connected, also those who were not accepted yet',
    { ...within, skip: skipOn('bun', 'Bun ends those connections') },
    async (t) => {
      const { server, drain, connect } = await makeServer(t)
      const clients = await Promise.all(Array.from({ length: 30 }, connect))
      const answers = clients.map(async (client) => {
        await client.write(request('GET /hello'))
        return (await takeResponse(client)).status
      })
      const draining = drain()
      assert.deepEqual(new Set(await Promise.all(answers)), new Set([200]))
      await refuses(server)
      await draining
    },
  )

  test(
    'leaves idle connections their half second also when somebody kept coming before',
    { ...within, skip },
    async (t) => {
      const { server, drain, connect } = await makeServer(t)
      const kept = await connect()
      await assertStays(kept)
      const draining = drain()
      await refuses(server, 0)
      await kept.write(request('GET /hello'))
      const response = await takeResponse(kept)
      assert.deepEqual([response.status, response.header('connection')], [200, 'close'])
      await draining
    },
  )

  test(
    'serves one more request on connections that are there, and no handshake',
    { ...within, skip },
    async (t) => {
      const { server, drain, connect, open, held, letGo } = await makeServer(t, {
        ...LONG,
        batchSize: 1,
        batchIntervalMs: 600_000,
        spreadMs: 100_000_000,
        timeoutMs: 1_000_000_000,
      })
      const [kept, upgrading, silent] = [await connect(), await connect(), await connect()]
      await assertStays(kept)
      await assertStays(upgrading)
      await assertStays(silent)
      // One is told at once, and the other when the time has come, which is never.
      const sockets = [await open('/last'), await open('/echo')]
      const draining = drain()
      await held
      await kept.write(request('GET /hello'))
      const response = await takeResponse(kept)
      assert.deepEqual([response.status, response.header('connection')], [200, 'close'])
      await assertEnds(kept)
      await upgrading.write(handshakeRequest('/echo'))
      assert.equal((await takeResponse(upgrading)).status, 503)
      await sockets[1]?.sendText('still there')
      assert.equal(await sockets[1]?.takeText(), 'still there')
      letGo()
      for (const socket of sockets) socket.tcp.reset()
      await server.close()
      await draining
      await assertEnds(silent)
    },
  )

  test(
    'answers what a proxy is just sending on a connection that was idle, and ends it then',
    { ...within, skip },
    async (t) => {
      const { server, drain, connect } = await makeServer(t)
      const [kept, silent] = [await connect(), await connect()]
      await assertStays(kept)
      await assertStays(silent)
      const draining = drain()
      await refuses(server)
      await kept.write(request('GET /hello'))
      const response = await takeResponse(kept)
      assert.deepEqual([response.status, response.header('connection')], [200, 'close'])
      await assertEnds(kept)
      await draining
      await assertEnds(silent)
    },
  )

  test('ends an event stream that the last request of a connection opens', { ...within, skip }, async (t) => {
    const { server, drain, connect, log } = await makeServer(t)
    const kept = await connect()
    await assertStays(kept)
    const draining = drain()
    await refuses(server)
    await kept.write(request('GET /events'))
    const response = await takeResponse(kept)
    assert.match(response.body.toString(), /first/)
    await draining
    assert.deepEqual(log, ['stream over', 'stopped'])
  })

  test('waits for the promise of the shutdown hook, and hears the peer meanwhile', within, async (t) => {
    const { drain, open, held, letGo, log } = await makeServer(t)
    const client = await open('/last')
    const draining = drain()
    await held
    await client.sendText('one more question')
    assert.equal(await client.takeText(), 'one more question')
    letGo()
    assert.equal(await client.takeText(), 'last words')
    assert.equal(await client.takeClose(), 1001)
    await client.sendClose(1001)
    await draining
    assert.deepEqual(log, ['shutdown', 'close 1001', 'stopped'])
  })

  test('ends event streams, whose clients come back', within, async (t) => {
    const { server, drain, log } = await makeServer(t)
    const response = await fetch(`${server.url}/events`)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('first')) text += (await reader.read()).value ?? ''
    const draining = drain()
    // In order: a chunked body that breaks off would be an error.
    while (!(await reader.read()).done);
    await draining
    assert.deepEqual(log, ['stream over', 'stopped'])
  })

  test('ends event streams when it is closed, too', within, async (t) => {
    const { server, log } = await makeServer(t)
    const response = await fetch(`${server.url}/events`)
    await server.close(600_000)
    assert.match(await response.text(), /first/)
    assert.deepEqual(log, ['stream over', 'stopped'])
  })

  test('ends event streams when its signal closes it', within, async (t) => {
    const controller = new AbortController()
    const { server, log } = await makeServer(t, LONG, controller.signal)
    const response = await fetch(`${server.url}/events`)
    controller.abort()
    assert.match(await response.text(), /first/)
    await server.closed
    assert.deepEqual(log, ['stream over', 'stopped'])
  })

  test('leaves event streams alone as long as another server of the app serves', within, async () => {
    const stream = new SseStream()
    const app = new GoWeb().get('/events', () => sse(stream))
    const servers = [
      await app.listen({ port: 0, host: '127.0.0.1' }),
      await app.listen({ port: 0, host: '127.0.0.1' }),
    ]
    const response = await fetch(`${servers[1]!.url}/events`)
    await servers[0]!.drain(LONG)
    assert.equal(stream.signal.aborted, false)
    await servers[1]!.drain(LONG)
    assert.equal(stream.signal.aborted, true)
    await response.text()
  })

  test('ends what is left when its time is over', within, async (t) => {
    const { drain, connect, open, held, log } = await makeServer(t, { timeoutMs: 400 })
    const client = await connect()
    await client.write(request('GET /held'))
    await open('/last')
    await held
    await drain()
    assert.equal((await client.takeRest()).toString(), '')
    assert.deepEqual(log, ['shutdown', 'close 1006', 'stopped'])
  })

  test('does not wait for peers that do not answer its close frame', within, async (t) => {
    const { drain, open } = await makeServer(t)
    const client = await open('/echo')
    const draining = drain()
    assert.equal(await client.takeClose(), 1001)
    await draining
  })

  test('close() has all that are not told yet told at once', within, async (t) => {
    const { server, drain, open } = await makeServer(t, { noticeMs: 600_000, timeoutMs: 10_000_000 })
    const client = await open('/echo')
    const draining = drain()
    await client.sendText('nothing has changed')
    assert.equal(await client.takeText(), 'nothing has changed')
    const closing = server.close()
    assert.equal(await client.takeClose(), 1001)
    await client.sendClose(1001)
    await closing
    await draining
  })

  test('refuses options that are none, and goes on', within, async (t) => {
    const { server, connect } = await makeServer(t)
    await assert.rejects(server.drain({ timeoutMs: 0 }), { code: 'OPTION_INVALID' })
    await assertStays(await connect())
    await assert.rejects(new GoWeb().listen({ port: 0, drain: { batchSize: 0 } }), {
      code: 'LISTEN_OPTIONS_INVALID',
      message: 'drain: batchSize: expected a whole number from 1 to 2147483647, got 0',
    })
  })
})

describe('channel connections of a server that drains', () => {
  const publish = (event: string, data: unknown) => ({
    publish: { channel: 'rooms/1', event, data },
  })

  test('get the replies to what they asked, in order, and then 3001', within, async (t) => {
    const { server, drain, held, letGo, log } = await makeServer(t)
    const client = await ChannelClient.connect(server.port)
    await client.result('subscribe', { channel: 'rooms/1' })
    const first = client.ask(publish('held', 1))
    // Waits behind it in the lane of its channel.
    const second = client.ask(publish('quick', 2))
    await held
    await client.ping()
    const draining = drain()
    letGo()
    assert.deepEqual(Object.keys(await first), ['id', 'publish'])
    assert.deepEqual(Object.keys(await second), ['id', 'publish'])
    assert.deepEqual(await client.closed, { code: 3001, reason: 'shutdown' })
    await draining
    assert.deepEqual(log, ['published 2', 'stopped'])
  })

  test('are not asked for more once they are to go', within, async (t) => {
    const { server, drain, held, letGo, log } = await makeServer(t)
    const client = await ChannelClient.connect(server.port)
    await client.result('subscribe', { channel: 'rooms/1' })
    const first = client.ask(publish('held', 1))
    await held
    const draining = drain()
    await refuses(server)
    const tooLate = client.ask(publish('quick', 2))
    tooLate.catch(() => {})
    await client.ping()
    letGo()
    await first
    await assert.rejects(tooLate, /closed: 3001 shutdown/)
    await draining
    assert.deepEqual(log, ['stopped'], 'neither carried out nor answered')
  })

  test('that have asked nothing go at once, also before they have said connect', within, async (t) => {
    const { server, drain } = await makeServer(t)
    const clients = [await ChannelClient.open(server.port), await ChannelClient.connect(server.port)]
    const draining = drain()
    for (const client of clients) assert.deepEqual(await client.closed, { code: 3001, reason: 'shutdown' })
    await draining
  })

  test('of clients that leave meanwhile hold up nothing', within, async (t) => {
    const { server, drain, held } = await makeServer(t)
    const client = await ChannelClient.connect(server.port)
    await client.result('subscribe', { channel: 'rooms/1' })
    client.ask(publish('held', 1)).catch(() => {})
    await held
    const draining = drain()
    await client.close()
    await draining
  })

  test('whose command never ends are ended in the end', within, async (t) => {
    const { server, drain, held } = await makeServer(t, { timeoutMs: 400 })
    const client = await ChannelClient.connect(server.port)
    await client.result('subscribe', { channel: 'rooms/1' })
    client.ask(publish('held', 1)).catch(() => {})
    await held
    await drain()
    assert.deepEqual((await client.closed).code, 1006)
  })
})
