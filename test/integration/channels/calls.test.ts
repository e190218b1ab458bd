import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

describe('a call', () => {
  test('answers what its handler returns, validated in both directions', async (t) => {
    const { app, reports } = makeApp(t)
    app
      .call('echo', {}, (_c, input) => input)
      .call(
        'add',
        { input: z.object({ a: z.number(), b: z.number() }), output: z.number() },
        async (_c, { a, b }) => a + b,
      )
      .call('strip', { output: z.object({ id: z.number() }) }, () => ({ id: 1, secret: 'x' }))
      .call('wrong', { output: z.number() }, () => 'text' as never)
      .call('nothing', {}, () => undefined)
      .call('failing', {}, () => {
        throw new RangeError('secret')
      })
      .call('refusing', {}, (c) => c.refuse('NOT_FOUND', 'There is no user 7'))
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    for (const data of [null, 7, 'text', [1, { a: 'b' }], { deep: { er: true } }]) {
      assert.deepEqual(await client.result('rpc', { method: 'echo', data }), { data })
    }
    assert.deepEqual(await client.result('rpc', { method: 'echo' }), {})
    assert.deepEqual(await client.result('rpc', { method: 'add', data: { a: 1, b: 2 } }), { data: 3 })
    assert.deepEqual(await client.result('rpc', { method: 'strip' }), { data: { id: 1 } })
    assert.deepEqual(await client.result('rpc', { method: 'nothing' }), {})
    const invalid = await client.error('rpc', { method: 'add', data: { a: 'x' } })
    assert.equal(invalid['code'], 422)
    const issues = invalid['issues'] as { in: string; pointer: string }[]
    assert.deepEqual(
      issues.map((issue) => `${issue.in} ${issue.pointer}`),
      ['input /a', 'input /b'],
    )
    assert.equal((await client.error('rpc', { method: 'wrong' }))['code'], 100)
    await reports.takeCode('RESPONSE_INVALID')
    assert.deepEqual(await client.error('rpc', { method: 'failing' }), {
      code: 100,
      message: 'internal server error',
      temporary: true,
    })
    assert.match(String((await reports.take()).error), /secret/)
    const missing = await client.error('rpc', { method: 'refusing' })
    assert.deepEqual(missing, { code: 404, message: 'There is no user 7', name: 'NOT_FOUND' })
    for (const method of ['none', '', 'toString']) {
      const unknown = await client.error('rpc', { method })
      assert.deepEqual([unknown['code'], unknown['name']], [104, 'CALL_UNKNOWN'])
    }
    await client.close()
  })

  test('gets the key of a repeat only where it is declared idempotent', async (t) => {
    const { app } = makeApp(t)
    app
      .call('once', {}, (c) => c.callId ?? 'none')
      .call('again', { idempotent: true }, (c) => c.callId ?? 'none')
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    assert.deepEqual(await client.result('rpc', { method: 'once', id: 'key' }), { data: 'none' })
    assert.deepEqual(await client.result('rpc', { method: 'again', id: 'key' }), { data: 'key' })
    await client.close()
  })

  test('is told when the caller has gone', async (t) => {
    const { app } = makeApp(t)
    const started = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    app.call('slow', {}, (c) => {
      c.signal.addEventListener('abort', () => aborted.resolve())
      started.resolve()
      return aborted.promise
    })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    const answer = client.ask({ rpc: { method: 'slow' } }).catch(() => undefined)
    await started.promise
    await client.close()
    await aborted.promise
    await answer
  })

  test('may be answered by a middleware', async (t) => {
    const { app } = makeApp(t)
    app
      .use((c, next) => (c.kind === 'call' && c.route === 'cached' ? { from: 'cache' } : next()))
      .call('cached', {}, () => 'handler')
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    assert.deepEqual(await client.result('rpc', { method: 'cached' }), { data: { from: 'cache' } })
    await client.close()
  })
})
