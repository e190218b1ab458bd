import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { WebSocket } from 'ws'
import type { WebSocketConstructor } from 'goweb/client'
import { Log, reached, Served } from './served.ts'

describe('connections between client and server', () => {
  test('answer calls, with the WebSocket of the platform and that of ws', async (t) => {
    const served = await Served.start(t)
    for (const options of [{}, { WebSocket: WebSocket as unknown as WebSocketConstructor }]) {
      const client = served.connect(options)
      assert.deepEqual(await client.call('echo', { text: 'grüße\n' }), { text: 'grüße\n' })
      assert.deepEqual(await client.call('add', { a: 1, b: 2 }), { sum: 3 })
      assert.match(client.id ?? '', /./)
      await assert.rejects(client.call('never', 1, { timeoutMs: 20 }), { code: 'TIMEOUT' })
      const abort = new AbortController()
      const aborted = assert.rejects(client.call('never', 1, { signal: abort.signal }), {
        name: 'AbortError',
      })
      abort.abort()
      await aborted
      client.close()
    }
  })

  test('are made again after each break; what became of a call is then unknown', async (t) => {
    const served = await Served.start(t)
    const client = served.connect()
    await client.call('echo', 1)
    const first = client.id
    const lost = assert.rejects(client.call('never'), { code: 'CALL_OUTCOME_UNKNOWN' })
    // A second answer shows that the call has been sent.
    await client.call('echo', 2)
    served.network.cut()
    await lost
    assert.equal(await client.call('echo', 3), 3)
    assert.notEqual(client.id, first)
  })

  test('are refreshed while they live, and refused with a code', async (t) => {
    const office = { lifetimeMs: 2_000, seen: [] as string[] }
    const served = await Served.start(t, office)
    let count = 0
    const refreshed = Promise.withResolvers<void>()
    const client = served.connect({
      getToken: () => {
        if (++count === 3) refreshed.resolve()
        return `ada ${count}`
      },
    })
    const log = new Log()
    client.on('state', ({ state, code }) => log.add([state, code]))
    await refreshed.promise
    await client.call('echo', 1)
    assert.deepEqual(office.seen.slice(0, 2), ['connect ada 1', 'refresh ada 2'])
    assert.deepEqual(log.entries, [['connected', 0]])
    const refused = served.connect({ getToken: () => 'forbidden' })
    assert.equal(await reached(refused, 'disconnected'), 103)
    await assert.rejects(refused.call('echo', 1, { timeoutMs: 1_000 }), { code: 'DISCONNECTED' })
  })

  test('get messages of the server', async (t) => {
    const served = await Served.start(t)
    const client = served.connect({ getToken: () => 'ada' })
    const log = new Log()
    client.on('message', (data) => log.add(data))
    await client.call('echo', 1)
    await served.app.channels.send('ada', { hello: 'Ada' })
    assert.deepEqual(await log.atLeast(1), [{ hello: 'Ada' }])
  })
})
