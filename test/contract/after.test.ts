import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { GoWebError, type HttpContext } from 'goweb'
import { onBoth, signal, type World } from './on-both.ts'

type Sent = Parameters<Parameters<HttpContext['after']>[0]>[0]

/** An app whose middleware notes what `after` is told; `next` waits for the next note. */
function observed(world: World): {
  app: ReturnType<typeof observe>
  sent: Sent[]
  next: () => Promise<Sent>
} {
  const sent: Sent[] = []
  let wake = signal()
  const note = (one: Sent): void => {
    sent.push(one)
    wake.resolve()
  }
  return {
    app: observe(world, note),
    sent,
    async next() {
      if (sent.length === 0) await wake.promise
      wake = signal()
      return sent.shift() as Sent
    },
  }
}

function observe(world: World, note: (sent: Sent) => void) {
  return world.makeApp().use(['http'], (c, next) => {
    c.after(note)
    return next()
  })
}

describe('c.after', () => {
  onBoth('is told once of every answer: its status, and what was thrown', async (world) => {
    const { app, sent, next } = observed(world)
    const boom = new Error('boom')
    app
      .get('/ok', () => 'ok')
      .get('/created', (c) => c.json({}, 201))
      .get('/conflict', () => {
        throw new GoWebError('CONFLICT')
      })
      .get('/boom', () => {
        throw boom
      })
    const client = await world.serve(app)
    const told = async (request: string): Promise<Sent> => {
      await client.send(request)
      const one = await next()
      assert.deepEqual(sent, [], 'told twice')
      return one
    }
    assert.deepEqual(await told('GET /ok'), { status: 200, aborted: false, error: undefined })
    assert.deepEqual(await told('HEAD /ok'), { status: 200, aborted: false, error: undefined })
    assert.deepEqual(await told('GET /created'), { status: 201, aborted: false, error: undefined })
    assert.deepEqual(await told('OPTIONS /ok'), { status: 204, aborted: false, error: undefined })
    const conflict = await told('GET /conflict')
    assert.deepEqual([conflict.status, (conflict.error as GoWebError).code], [409, 'CONFLICT'])
    assert.deepEqual(await told('GET /boom'), { status: 500, aborted: false, error: boom })
    assert.equal((await world.reports.take()).error, boom)
    const missing = await told('GET /missing')
    assert.deepEqual([missing.status, (missing.error as GoWebError).code], [404, 'ROUTE_NOT_FOUND'])
  })

  onBoth('is told what an error handler took, too', async (world) => {
    const { app, next } = observed(world)
    const boom = new Error('boom')
    app
      .onError((_error, c) => (c.kind === 'http' ? c.text('handled', 503) : undefined))
      .get('/', () => {
        throw boom
      })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'handled')
    assert.deepEqual(await next(), { status: 503, aborted: false, error: boom })
  })

  onBoth('is told at the end of a stream', async (world) => {
    const { app, sent, next } = observed(world)
    const gate = signal()
    app.get('/', async function* () {
      yield 'first'
      await gate.promise
      yield 'last'
    })
    const client = await world.serve(app)
    const open = await client.start('GET /').answer
    assert.equal(Buffer.from((await open.read()) ?? []).toString(), 'first')
    assert.deepEqual(sent, [])
    gate.resolve()
    while ((await open.read()) !== undefined);
    assert.deepEqual(await next(), { status: 200, aborted: false, error: undefined })
    assert.deepEqual(sent, [])
  })

  onBoth('is told when the client leaves in the middle of a stream', async (world) => {
    const { app, sent, next } = observed(world)
    const closed = signal()
    app.get('/', async function* () {
      try {
        for (;;) yield 'more and more'
      } finally {
        closed.resolve()
      }
    })
    const client = await world.serve(app)
    const exchange = client.start('GET /')
    await (await exchange.answer).read()
    exchange.leave()
    assert.deepEqual(await next(), { status: 200, aborted: true, error: undefined })
    await closed.promise
    assert.deepEqual(sent, [])
  })

  onBoth('is told what broke a stream off, which is reported', async (world) => {
    const { app, sent, next } = observed(world)
    const boom = new Error('boom')
    app.get('/', async function* () {
      yield 'first'
      throw boom
    })
    const client = await world.serve(app)
    await assert.rejects(client.send('GET /'))
    assert.deepEqual(await next(), { status: 200, aborted: false, error: boom })
    assert.deepEqual(await world.reports.take(), { error: boom, where: 'GET /' })
    assert.deepEqual(sent, [])
  })

  onBoth('calls every callback in order, although one throws, which is reported', async (world) => {
    const calls: string[] = []
    const done = signal()
    const app = world.makeApp().get('/', (c) => {
      c.after(() => calls.push('first'))
      c.after(() => {
        calls.push('second')
        throw new Error('in a callback')
      })
      c.after(async () => {
        calls.push('third')
        await Promise.resolve()
        throw new Error('in an async callback')
      })
      c.after(() => {
        calls.push('fourth')
        done.resolve()
      })
      return 'ok'
    })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'ok')
    await done.promise
    assert.deepEqual(calls, ['first', 'second', 'third', 'fourth'])
    assert.match(String((await world.reports.take()).error), /in a callback/)
    assert.match(String((await world.reports.take()).error), /in an async callback/)
  })

  onBoth('is told although the client left before there was an answer', async (world) => {
    if (world.side === 'app.fetch') return // There the answer is handed over, whoever waits for it.
    const { app, next } = observed(world)
    const arrived = signal()
    const gate = signal()
    const aborted = signal()
    app.get('/', async (c) => {
      c.signal.addEventListener('abort', () => aborted.resolve())
      arrived.resolve()
      await gate.promise
      return 'too late'
    })
    const client = await world.serve(app)
    const exchange = client.start('GET /')
    await arrived.promise
    exchange.leave()
    await aborted.promise
    gate.resolve()
    assert.deepEqual(await next(), { status: 200, aborted: true, error: undefined })
  })
})
