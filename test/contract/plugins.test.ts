import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createScope, definePlugin, GoWeb } from 'goweb'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { onBoth, onServer } from './on-both.ts'

const counter = definePlugin({
  name: 'counter',
  options: z.object({ start: z.number().default(0), step: z.number() }),
  setup(app: GoWeb, { start, step }) {
    let count = start
    return app
      .use((_c, next) => next({ count: (count += step) }))
      .get('/count', (c) => c.json({ count: c.count }))
  },
})

/** A plugin that only has a name. */
const named = (name: string) => definePlugin({ name, setup: (app: GoWeb) => app })

describe('a plugin', () => {
  onBoth('adds routes, and middleware for what is defined afterwards', async (world) => {
    const app = world
      .makeApp()
      .get('/before', (c) => Object.hasOwn(c, 'count'))
      .register(counter, { step: 10 })
      .get('/after', (c) => c.json({ after: c.count }))
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /count')).json, { count: 10 })
    assert.deepEqual((await client.send('GET /after')).json, { after: 20 })
    assert.equal((await client.send('GET /before')).json, false)
  })

  onBoth('in a mounted app adds nothing to the parent', async (world) => {
    const child = new GoWeb().register(counter, { step: 1 })
    const app = world
      .makeApp()
      .mount('/child', child)
      .get('/parent', (c) => Object.hasOwn(c, 'count'))
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /child/count')).json, { count: 1 })
    assert.equal((await client.send('GET /parent')).json, false)
  })

  test('is given options that its schema completed', () => {
    const given: unknown[] = []
    const schemas = [
      z.object({ a: z.string().default('x') }),
      v.object({ a: v.optional(v.string(), 'x') }),
      type({ a: "string = 'x'" }),
    ]
    for (const [index, options] of schemas.entries()) {
      const plugin = { name: `p${index}`, options, setup: (app: GoWeb, o: unknown) => (given.push(o), app) }
      new GoWeb().register(plugin, {}).register({ ...plugin, name: 'again' }, { a: 'y' })
    }
    assert.deepEqual(given, [{ a: 'x' }, { a: 'y' }, { a: 'x' }, { a: 'y' }, { a: 'x' }, { a: 'y' }])
  })

  test('with options that do not fit is refused, naming everything that is wrong', () => {
    const app = new GoWeb()
    const register = app.register.bind(app) as (plugin: unknown, options?: unknown) => unknown
    assert.throws(() => register(counter, { step: 'two', start: null }), {
      code: 'PLUGIN_OPTIONS_INVALID',
      message: /counter.*start.*step/s,
    })
    assert.throws(() => register(counter), { code: 'PLUGIN_OPTIONS_INVALID' })
    const late = definePlugin({
      name: 'late',
      options: z.object({}).refine(async () => true),
      setup: (app: GoWeb) => app,
    })
    assert.throws(() => register(late, {}), { code: 'PLUGIN_OPTIONS_INVALID', message: /asynchronous/ })
    assert.throws(() => register({ setup: () => app }), { code: 'PLUGIN_OPTIONS_INVALID', message: /name/ })
    assert.throws(() => register({ name: 'x' }), { code: 'PLUGIN_OPTIONS_INVALID', message: /setup/ })
    assert.throws(() => register(undefined), { code: 'PLUGIN_OPTIONS_INVALID' })
    assert.deepEqual(app.routes(), [])
    app.register(counter, { step: 1 })
    assert.equal(app.routes().length, 1)
  })

  test('is noticed when it is registered twice: in one app, above or below', () => {
    const twice = { code: 'PLUGIN_REGISTERED_TWICE', message: /\bsame\b/ }
    assert.throws(() => new GoWeb().register(named('same')).register(named('same')), twice)
    const parent = new GoWeb().register(named('same'))
    const child = new GoWeb()
    parent.mount('/child', child)
    assert.throws(() => child.register(named('same')), twice)
    const grandchild = new GoWeb().register(named('same'))
    assert.throws(() => child.mount('/grandchild', grandchild), twice)
    const above = new GoWeb().mount('/x', new GoWeb().mount('/y', new GoWeb().register(named('same'))))
    assert.throws(() => above.register(named('same')), twice)
    // Siblings share nothing.
    new GoWeb()
      .mount('/a', new GoWeb().register(named('same')))
      .mount('/b', new GoWeb().register(named('same')))
    new GoWeb().register(named('same')).register(named('constructor')).register(named('__proto__'))
  })

  test('may need what other middleware added', () => {
    const plugin = definePlugin({
      name: 'greeting',
      setup: (app: GoWeb<{}, {}, {}, { user: string }>) => app.get('/hello', (c) => c.text(c.user)),
    })
    const app = new GoWeb().use((_c, next) => next({ user: 'Ada', more: true })).register(plugin)
    assert.equal(app.routes().length, 1)
    createScope<{ user: string }>().register(plugin)
  })
})

describe('start and stop', () => {
  const phase = (log: string[], name: string) => () => void log.push(name)

  test('run once each, stop in reverse order, mounted apps after their parent', async () => {
    const log: string[] = []
    const shared = new GoWeb().onStart(phase(log, 'start shared')).onStop(phase(log, 'stop shared'))
    const app = new GoWeb()
      .onStart(phase(log, 'start 1'))
      .onStop(phase(log, 'stop 1'))
      .mount('/a', shared)
      .mount('/b', shared)
      .onStart(async () => {
        await Promise.resolve()
        log.push('start 2')
      })
      .onStop(phase(log, 'stop 2'))
    await app.stop()
    assert.deepEqual(log, [])
    await Promise.all([app.start(), app.start()])
    await app.start()
    assert.deepEqual(log.splice(0), ['start 1', 'start 2', 'start shared'])
    await Promise.all([app.stop(), app.stop()])
    await app.stop()
    assert.deepEqual(log.splice(0), ['stop shared', 'stop 2', 'stop 1'])
    await app.start()
    assert.deepEqual(log, ['start 1', 'start 2', 'start shared'])
  })

  test('that fails to start stops what had started, and may be tried again', async () => {
    const log: string[] = []
    let isBroken = true
    const cause = new Error('no database')
    const last = new GoWeb().onStart(phase(log, 'start last')).onStop(phase(log, 'stop last'))
    const app = new GoWeb()
      .onStart(phase(log, 'start first'))
      .onStop(phase(log, 'stop first'))
      .mount(
        '/broken',
        new GoWeb()
          .onStart(() => (isBroken ? Promise.reject(cause) : undefined))
          .onStop(phase(log, 'stop broken')),
      )
      .mount('/last', last)
    await assert.rejects(app.start(), { code: 'PLUGIN_START_FAILED', cause })
    assert.deepEqual(log.splice(0), ['start first', 'stop broken', 'stop first'])
    isBroken = false
    await app.start()
    assert.deepEqual(log.splice(0), ['start first', 'start last'])
    await app.stop()
    assert.deepEqual(log, ['stop last', 'stop broken', 'stop first'])
  })

  test('goes on stopping when a callback fails, which is reported', async () => {
    const log: string[] = []
    const app = new GoWeb({
      report: (error, where) => void log.push(`${where}: ${(error as Error).message}`),
    })
      .onStop(phase(log, 'first'))
      .onStop(() => Promise.reject(new Error('cannot close')))
      .onStop(phase(log, 'last'))
    await app.start()
    await app.stop()
    assert.deepEqual(log, ['last', 'stop callback: cannot close', 'first'])
  })

  onServer('belong to the first and last server', async (world) => {
    const log: string[] = []
    const app = world
      .makeApp()
      .onStart(phase(log, 'start'))
      .onStop(phase(log, 'stop'))
      .get('/', () => 'ok')
    const first = await app.listen({ port: 0, host: '127.0.0.1' })
    const second = await app.listen({ port: 0, host: '127.0.0.1' })
    await first.close()
    assert.deepEqual(log, ['start'])
    await second.close()
    await second.closed
    assert.deepEqual(log, ['start', 'stop'])
    const again = await app.listen({ port: 0, host: '127.0.0.1' })
    await again.close()
    assert.deepEqual(log, ['start', 'stop', 'start', 'stop'])
  })

  onServer('that fail keep the server from listening', async (world) => {
    const app = world.makeApp().onStart(() => Promise.reject(new Error('no database')))
    await assert.rejects(app.listen({ port: 0 }), { code: 'PLUGIN_START_FAILED' })
  })

  onServer('stop again when the server cannot listen', async (world) => {
    const log: string[] = []
    const app = world.makeApp().onStart(phase(log, 'start')).onStop(phase(log, 'stop'))
    await assert.rejects(app.listen({ port: -1 }), { code: 'LISTEN_OPTIONS_INVALID' })
    assert.deepEqual(log, ['start', 'stop'])
  })
})
