import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { GoWeb } from 'goweb'
import { z } from 'zod'
import { ChannelClient, type Message } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

const Price = z.object({ symbol: z.string(), price: z.number() })

function withPrices(app: GoWeb) {
  return app
    .channel('prices/{market}', {
      delivery: 'latest',
      maxKeys: 3,
      public: true,
      key: (event, m) => (event === 'price' ? m.symbol : m.id),
      events: {
        price: Price,
        note: { schema: z.object({ id: z.string(), text: z.string() }), from: 'client' },
      },
      on: {
        price: (c, m) => (m.price < 0 ? c.refuse('CONFLICT', 'Too cheap') : { ...m, by: c.connection.id }),
      },
    })
    .channel('raw', { delivery: 'latest', public: true, key: (_event, m) => (m as { id: string }).id })
    .channel('stream', { delivery: 'replay', public: true })
    .delete('/prices/{market}/{symbol}', async (c) => {
      return await c.remove(`prices/${c.params.market}`, c.params.symbol)
    })
}

async function start(t: TestContext) {
  const { app, reports } = makeApp(t)
  const typed = withPrices(app)
  const port = await serve(t, typed)
  const client = await ChannelClient.connect(port)
  return { app: typed, port, client, reports }
}

/** Key, data and whether it was removed. */
function shortOf(publications: unknown): unknown[] {
  return (publications as Message[]).map(({ key, data, removed }) => [key, data, removed ?? false])
}

const channel = 'prices/eu'

describe('a latest channel of an app', () => {
  test('finds the key in what subscribers get, from clients and from the server', async (t) => {
    const { app, client, port } = await start(t)
    await client.result('subscribe', { channel })
    await client.result('publish', { channel, event: 'price', data: { symbol: 'ABC', price: 1 } })
    await client.result('publish', { channel, data: { event: 'note', data: { id: 'n', text: 'x' } } })
    await app.channels.publish(channel, 'price', { symbol: 'ABC', price: 2, by: 'server' })
    const pushed = [await client.push('pub'), await client.push('pub'), await client.push('pub')]
    const { by } = (pushed[0] as { data: Message }).data
    assert.equal(typeof by, 'string')
    assert.deepEqual(shortOf(pushed), [
      ['ABC', { symbol: 'ABC', price: 1, by }, false],
      ['n', { id: 'n', text: 'x' }, false],
      ['ABC', { symbol: 'ABC', price: 2, by: 'server' }, false],
    ])
    const other = await ChannelClient.connect(port)
    const { publications, snapshot } = await other.result('subscribe', { channel })
    assert.deepEqual(shortOf(publications), shortOf([pushed[1], pushed[2]]))
    assert.equal(snapshot, 'all')
    assert.deepEqual((await client.error('history', { channel, limit: 1 }))['code'], 108)
  })

  test('takes keys away from anywhere on the server, and tells the server its values', async (t) => {
    const { app, client, port } = await start(t)
    await client.result('subscribe', { channel })
    await app.channels.publish(channel, 'price', { symbol: 'ABC', price: 1, by: '' })
    await app.channels.publish(channel, 'price', { symbol: 'XYZ', price: 1, by: '' })
    const answer = await fetch(`http://127.0.0.1:${port}/prices/eu/ABC`, { method: 'DELETE' })
    const removedAt = (await answer.json()) as { offset: number }
    assert.equal(removedAt.offset, 3)
    await client.push('pub')
    await client.push('pub')
    assert.deepEqual(shortOf([await client.push('pub')]), [['ABC', null, true]])
    const { values, position } = await app.channels.values(channel)
    assert.deepEqual([...values.keys()], ['XYZ'])
    assert.deepEqual(values.get('XYZ'), {
      event: 'price',
      data: { symbol: 'XYZ', price: 1, by: '' },
      offset: 2,
      id: undefined,
      from: undefined,
    })
    assert.deepEqual(position, removedAt)
    assert.deepEqual(await app.channels.position(channel), removedAt)
    await app.channels.remove(channel, 'XYZ')
    assert.equal((await app.channels.values(channel)).values.size, 0)
  })

  test('refuses more keys than it may have, and tells the publisher why', async (t) => {
    const { app, client } = await start(t)
    await client.result('subscribe', { channel })
    const publish = { channel, event: 'price', data: { symbol: 'D', price: 1 } }
    for (const symbol of ['A', 'B', 'C']) {
      await client.result('publish', { ...publish, data: { symbol, price: 1 } })
    }
    const { code, name } = await client.error('publish', publish)
    assert.deepEqual([code, name], [409, 'CHANNEL_KEYS_EXCEEDED'])
    await assert.rejects(app.channels.publish(channel, 'price', { symbol: 'D', price: 1, by: '' }), {
      code: 'CHANNEL_KEYS_EXCEEDED',
    })
    await app.channels.remove(channel, 'A')
    await client.result('publish', publish)
    assert.deepEqual([...(await app.channels.values(channel)).values.keys()], ['B', 'C', 'D'])
  })

  test('refuses keys that are none', async (t) => {
    const { app, client, reports } = await start(t)
    await client.result('subscribe', { channel })
    await client.result('subscribe', { channel: 'raw' })
    for (const symbol of ['', 'x'.repeat(256), 'é'.repeat(128), 'a\ud800']) {
      const data = { symbol, price: 1 }
      const { code, name } = await client.error('publish', { channel, event: 'price', data })
      assert.deepEqual([code, name], [422, 'KEY_INVALID'])
      await assert.rejects(app.channels.publish(channel, 'price', { ...data, by: '' }), {
        code: 'KEY_INVALID',
      })
      await assert.rejects(app.channels.remove(channel, symbol), { code: 'KEY_INVALID' })
    }
    await app.channels.publish(channel, 'price', { symbol: 'é'.repeat(127), price: 1, by: '' })
    const { code } = await client.error('publish', { channel: 'raw', data: { id: 7 } })
    assert.equal(code, 100)
    const { error } = await reports.takeCode('COMMAND_RESULT_INVALID')
    assert.match(String(error), /key of channel raw: expected a text, got number/)
  })

  test('has what other channels have not, and the other way round', async (t) => {
    const { app } = await start(t)
    const { channels } = app as unknown as GoWeb
    await assert.rejects(channels.remove('stream', 'x'), { code: 'CHANNEL_WITHOUT_KEYS' })
    await assert.rejects(channels.values('stream'), { code: 'CHANNEL_WITHOUT_KEYS' })
    await assert.rejects(channels.values('nowhere'), { code: 'CHANNEL_UNKNOWN' })
    await assert.rejects(channels.history('raw'), { code: 'CHANNEL_WITHOUT_HISTORY' })
  })
})
