import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWeb, health, type Broker } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { Reports } from '../../contract/reports.ts'

async function ask(app: GoWeb, path: string): Promise<[status: number, body: unknown]> {
  const response = await app.fetch(new Request(`http://localhost${path}`))
  assert.equal(response.headers.get('cache-control'), 'no-store')
  return [response.status, await response.json()]
}

const READY = [200, { status: 'ready' }]
const ALIVE = [200, { status: 'alive' }]

describe('health', () => {
  test('tells that the app lives, and that it can be given work', async () => {
    const app = new GoWeb().register(health())
    assert.deepEqual(await ask(app, '/livez'), ALIVE)
    assert.deepEqual(await ask(app, '/readyz'), READY)
    const head = await app.fetch(new Request('http://localhost/readyz', { method: 'HEAD' }))
    assert.equal(head.status, 200)
  })

  test('is not ready while the app starts', async () => {
    const start = Promise.withResolvers<void>()
    const app = new GoWeb().register(health()).onStart(() => start.promise)
    const starting = app.start()
    assert.deepEqual(await ask(app, '/readyz'), [503, { status: 'starting' }])
    assert.deepEqual(await ask(app, '/livez'), ALIVE)
    start.resolve()
    await starting
    assert.deepEqual(await ask(app, '/readyz'), READY)
    await app.stop()
  })

  test('is not ready while a server drains, from the first moment on', async () => {
    const app = new GoWeb().register(health())
    const server = await app.listen({ port: 0, host: '127.0.0.1' })
    const draining = server.drain({ noticeMs: 60_000, timeoutMs: 600_000 })
    const response = await fetch(`${server.url}/readyz`)
    assert.deepEqual([response.status, await response.json()], [503, { status: 'draining' }])
    assert.deepEqual(await ask(app, '/livez'), ALIVE)
    await server.close()
    await draining
  })

  test('is not ready as long as the broker cannot be reached', async () => {
    const inner = memoryBroker()
    const link = { isConnected: true }
    const broker: Broker = {
      connect: (listener) => inner.connect(listener),
      get isConnected() {
        return link.isConnected
      },
    }
    const app = new GoWeb({ broker }).register(health()).channel('rooms', { delivery: 'live', public: true })
    await app.start()
    assert.deepEqual(await ask(app, '/readyz'), READY)
    link.isConnected = false
    assert.deepEqual(await ask(app, '/readyz'), [503, { status: 'broker not connected' }])
    link.isConnected = true
    assert.deepEqual(await ask(app, '/readyz'), READY)
    await app.stop()
  })

  test('asks the app, whose secrets it does not tell', async () => {
    const reports = new Reports()
    let answer: () => boolean | Promise<boolean> = () => true
    const app = new GoWeb({ report: reports.add }).register(health({ check: () => answer() }))
    assert.deepEqual(await ask(app, '/readyz'), READY)
    answer = () => Promise.resolve(false)
    assert.deepEqual(await ask(app, '/readyz'), [503, { status: 'check failed' }])
    answer = () => Promise.reject(new Error('no route to 10.0.0.7'))
    assert.deepEqual(await ask(app, '/readyz'), [503, { status: 'check failed' }])
    assert.equal((await reports.take()).where, 'health check')
    reports.assertEmpty()
    assert.deepEqual(await ask(app, '/livez'), ALIVE)
  })

  test('is found where it is put', async () => {
    const app = new GoWeb().register(health({ livePath: '/up', readyPath: '/ready' }))
    assert.deepEqual(await ask(app, '/up'), ALIVE)
    assert.deepEqual(await ask(app, '/ready'), READY)
    assert.equal((await app.fetch(new Request('http://localhost/livez'))).status, 404)
  })

  for (const options of [null, { path: '/x' }, { livePath: 'x' }, { readyPath: 1 }, { check: true }]) {
    test(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => health(options as never), { code: 'OPTION_INVALID' })
    })
  }
})
