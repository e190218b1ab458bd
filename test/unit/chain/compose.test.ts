import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compose, isThenable, type Step } from '../../../src/chain/compose.ts'

interface Trace {
  log: string[]
  [key: string]: unknown
}

const same = (value: unknown): unknown => value
const trace = (): Trace => ({ log: [] })

function step(name: string): Step<Trace> {
  return async (c, next) => {
    c.log.push(`${name} in`)
    const result = await next()
    c.log.push(`${name} out`)
    return result
  }
}

describe('compose', () => {
  it('is the handler itself without middlewares', () => {
    const handler = (): string => 'ok'
    assert.equal(compose([], handler, same), handler)
  })

  it('runs middlewares from the outside in and back', async () => {
    const c = trace()
    const run = compose([step('a'), step('b')], (c) => c.log.push('handler'), same)
    await run(c)
    assert.deepEqual(c.log, ['a in', 'b in', 'handler', 'b out', 'a out'])
  })

  it('starts the rest in the same turn', () => {
    const c = trace()
    void compose([step('a'), step('b')], (c) => c.log.push('handler'), same)(c)
    assert.deepEqual(c.log, ['a in', 'b in', 'handler'])
  })

  it('gives the result of next() when a middleware returns nothing', async () => {
    const run = compose<Trace>([async (_c, next) => void (await next())], () => 'inner', same)
    assert.equal(await run(trace()), 'inner')
    const sync = compose<Trace>([(_c, next) => void next()], () => 'inner', same)
    assert.equal(await sync(trace()), 'inner')
  })

  it('lets a middleware end the chain with a result of its own, normalised', async () => {
    let isReached = false
    const handler = (): string => ((isReached = true), 'inner')
    const normalize = (value: unknown): string => `<${String(value)}>`
    assert.equal(await compose<Trace>([() => 'own'], handler, normalize)(trace()), '<own>')
    assert.equal(await compose<Trace>([async () => 'own'], handler, normalize)(trace()), '<own>')
    assert.equal(isReached, false)
  })

  it('awaits thenables that are no promises', async () => {
    const thenable = { then: (resolve: (value: string) => void) => resolve('late') }
    assert.equal(await compose<Trace>([() => thenable], () => 'inner', same)(trace()), 'late')
    assert.equal(isThenable(thenable), true)
    assert.equal(isThenable({ then: 1 }), false)
    assert.equal(isThenable(null), false)
  })

  it('rejects a second call of next()', async () => {
    const run = compose<Trace>(
      [
        async function twice(_c, next) {
          await next()
          return next()
        },
      ],
      () => 'inner',
      same,
    )
    await assert.rejects(async () => run(trace()), { code: 'NEXT_CALLED_TWICE', message: /twice/ })
  })

  it('refuses a middleware that neither returns a result nor calls next()', async () => {
    const silent = compose<Trace>([function silent() {}], () => 'inner', same)
    assert.throws(() => silent(trace()), { code: 'MIDDLEWARE_NO_RESULT', message: /silent/ })
    const late = compose<Trace>([async () => undefined], () => 'inner', same)
    await assert.rejects(async () => late(trace()), { code: 'MIDDLEWARE_NO_RESULT' })
  })

  it('makes what the rest throws a rejection of next()', async () => {
    const failure = new Error('boom')
    const run = compose<Trace>(
      [async (_c, next) => next().catch((error: unknown) => ({ caught: error }))],
      () => {
        throw failure
      },
      same,
    )
    assert.deepEqual(await run(trace()), { caught: failure })
  })

  it('leaves no unhandled rejection when a middleware answers without awaiting next()', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', onUnhandled)
    const run = compose<Trace>(
      [
        (_c, next) => {
          void next()
          return 'own'
        },
      ],
      () => Promise.reject(new Error('nobody listens')),
      same,
    )
    assert.equal(run(trace()), 'own')
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', onUnhandled)
    assert.deepEqual(unhandled, [])
  })
})

describe('additions to the context', () => {
  it('are there for the rest of the chain', async () => {
    const c = trace()
    const run = compose<Trace>([(_c, next) => next({ user: 'ada' })], (c) => c['user'], same)
    assert.equal(await run(c), 'ada')
  })

  it('may be replaced by a later middleware', async () => {
    const steps: Step<Trace>[] = [(_c, next) => next({ n: 1 }), (c, next) => next({ n: Number(c['n']) + 1 })]
    assert.equal(await compose(steps, (c) => c['n'], same)(trace()), 2)
  })

  it('never hide a part of the context', async () => {
    class Context {
      kind = 'http'
      json(): void {}
    }
    for (const additions of [{ json: 1 }, { kind: 'x' }, { constructor: 1 }, { toString: 1 }]) {
      const run = compose<Context>([(_c, next) => next(additions)], () => 'inner', same)
      await assert.rejects(async () => run(new Context()), { code: 'CONTEXT_KEY_RESERVED' })
    }
  })

  it('cannot set the prototype', async () => {
    const c = trace()
    const additions = JSON.parse('{"__proto__": {"isAdmin": true}}') as object
    const run = compose<Trace>([(_c, next) => next(additions)], (c) => c['isAdmin'], same)
    await assert.rejects(async () => run(c), { code: 'CONTEXT_KEY_RESERVED' })
  })
})
