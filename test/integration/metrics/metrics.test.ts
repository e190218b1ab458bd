import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test, type TestContext } from 'node:test'
import { GoWeb, GoWebError, type Server } from 'goweb'
import { connect } from 'goweb/client'
import { metrics, type MetricsOptions } from 'goweb/metrics'
import { Counter, Registry } from 'prom-client'
import { WebSocket } from 'ws'

function createApp(options: MetricsOptions) {
  return new GoWeb({ report: () => {} })
    .register(metrics(options))
    .get('/users/{id}', (c) => c.json({ id: c.params.id }))
    .get('/broken', () => {
      throw new Error('broken')
    })
    .ws('/echo', { message: (socket, message) => void socket.send(message) })
    .channel('rooms/{room}', {
      delivery: 'live',
      subscribe: (c) => c.params.room !== 'secret',
      events: {},
    })
    .call('add', {}, (_c, input) => {
      if (input === 13) throw new GoWebError('FORBIDDEN')
      return input
    })
}

async function listen(t: TestContext, options: MetricsOptions): Promise<Server> {
  const server = await createApp(options).listen({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close(0))
  return server
}

async function read(server: Server): Promise<Map<string, number>> {
  const response = await fetch(`${server.url}/metrics`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

/** Names of the series of a histogram, without its buckets. */
function countsOf(series: ReadonlyMap<string, number>, name: string): Record<string, number> {
  return Object.fromEntries(
    [...series]
      .filter(([key]) => key.startsWith(`${name}_count`))
      .map(([key, value]) => [key.slice(key.indexOf('{')), value]),
  )
}

describe('goweb/metrics', () => {
  test('tells how long requests took, by route, method and status', async (t) => {
    const server = await listen(t, { public: true })
    for (const path of ['/users/1', '/users/2', '/broken', '/nothing']) {
      await (await fetch(server.url + path)).arrayBuffer()
    }
    const series = await read(server)
    assert.deepEqual(countsOf(series, 'goweb_request_duration_seconds'), {
      '{kind="http",method="GET",route="/users/{id}",status="200"}': 2,
      '{kind="http",method="GET",route="/broken",status="500"}': 1,
      '{kind="http",method="GET",route="none",status="404"}': 1,
    })
    assert.ok((series.get('goweb_sockets_open') ?? -1) === 0)
    assert.ok((series.get('nodejs_eventloop_lag_p99_seconds') ?? -1) >= 0)
    assert.ok((series.get('process_resident_memory_bytes') ?? 0) > 0)
  })

  test('no label takes what a client makes up', async (t) => {
    const server = await listen(t, { public: true, process: false })
    const before = await read(server)
    for (const method of ['PROPFIND', 'MKCOL', 'REPORT', 'LOCK', 'SEARCH']) {
      await (await fetch(`${server.url}/users/7`, { method })).arrayBuffer()
    }
    for (let i = 0; i < 50; i++) {
      await (await fetch(`${server.url}/made/${i}`)).arrayBuffer()
    }
    const after = await read(server)
    const added = [...after.keys()].filter((key) => !before.has(key) && key.includes('_count'))
    assert.deepEqual(added.toSorted(), [
      'goweb_request_duration_seconds_count{kind="http",method="GET",route="/metrics",status="200"}',
      'goweb_request_duration_seconds_count{kind="http",method="GET",route="none",status="404"}',
      'goweb_request_duration_seconds_count{kind="http",method="other",route="none",status="405"}',
    ])
  })

  test('tells what sockets did', async (t) => {
    const server = await listen(t, { public: true, process: false })
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/echo`)
    await once(socket, 'open')
    socket.send('hello')
    await once(socket, 'message')
    const open = await read(server)
    assert.equal(open.get('goweb_sockets_open'), 1)
    assert.equal(open.get('goweb_messages_in_total'), 1)
    socket.close()
    await once(socket, 'close')
    assert.deepEqual(countsOf(open, 'goweb_request_duration_seconds'), {
      '{kind="upgrade",method="GET",route="/echo",status="101"}': 1,
    })
  })

  test('tells what became of commands, by pattern and code', async (t) => {
    const server = await listen(t, { public: true, process: false })
    const client = connect<ReturnType<typeof createApp>>(server.url)
    t.after(() => client.close())
    assert.equal(await client.call('add', 7), 7)
    await assert.rejects(client.call('add', 13))
    const rooms = ['a', 'b', 'secret'].map((room) => client.channel('rooms/{room}', { room }))
    await Promise.all(
      rooms.map(
        (room) =>
          new Promise<void>((resolve) => {
            room.onStateChange(({ state }) => state !== 'subscribing' && resolve())
          }),
      ),
    )
    const series = await read(server)
    assert.deepEqual(countsOf(series, 'goweb_command_duration_seconds'), {
      '{kind="connect",route="",outcome="ok"}': 1,
      '{kind="call",route="add",outcome="ok"}': 1,
      '{kind="call",route="add",outcome="FORBIDDEN"}': 1,
      '{kind="subscribe",route="rooms/{room}",outcome="ok"}': 2,
      '{kind="subscribe",route="rooms/{room}",outcome="FORBIDDEN"}': 1,
    })
    assert.equal(series.get('goweb_channel_connections'), 1)
    assert.equal(series.get('goweb_channels_subscribed'), 2)
  })

  test('is for those who are allowed, at the path that is given, with the metrics of the app', async (t) => {
    const registry = new Registry()
    const orders = new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] })
    orders.inc(3)
    const server = await listen(t, {
      path: '/internal/metrics',
      allow: (c) => c.header('authorization') === 'Bearer s3cret',
      registry,
      process: false,
    })
    const url = `${server.url}/internal/metrics`
    assert.equal((await fetch(url)).status, 403)
    assert.equal((await fetch(`${server.url}/metrics`)).status, 404)
    const response = await fetch(url, { headers: { authorization: 'Bearer s3cret' } })
    assert.match(await response.text(), /^orders_total 3$/m)
  })
})

describe('options of metrics that are refused', () => {
  const invalid: unknown[] = [
    undefined,
    {},
    { public: false },
    { public: true, allow: () => true },
    { allow: 'everybody' },
    { public: true, path: 'metrics' },
    { public: true, process: 1 },
    { public: true, registry: {} },
    { public: true, buckets: [] },
    { public: true, buckets: [1, 1] },
    { public: true, prefix: 'x' },
  ]
  for (const [i, options] of invalid.entries()) {
    test(`${i + 1}: ${JSON.stringify(options)}`, () => {
      assert.throws(() => metrics(options as MetricsOptions), {
        code: 'METRICS_OPTIONS_INVALID',
        message: /^metrics\(\): /,
      })
    })
  }
})
