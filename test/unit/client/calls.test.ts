import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Script } from './scripted-server.ts'

describe('a call', () => {
  test('waits for the connection and gives what the server answers', async () => {
    const script = new Script()
    const client = script.connect()
    const answer = client.call('users.rename', { name: 'Ada' })
    const socket = await script.socket(1)
    await socket.accept()
    const { id, method, data, key } = socket.take('rpc')
    assert.deepEqual([method, data, key], ['users.rename', { name: 'Ada' }, undefined])
    socket.say({ id, rpc: { data: { ok: true } } })
    assert.deepEqual(await answer, { ok: true })
    assert.equal(script.clock.size, 0)
  })

  test('that the server refuses says why', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const answer = client.call('a', 1)
    await script.settle()
    const error = { code: 104, message: 'method not found', name: 'CALL_UNKNOWN' }
    socket.say({ id: socket.take('rpc').id, error })
    await assert.rejects(answer, { name: 'ClientError', code: 'REFUSED', server: error })
  })

  test('gives up in time, with a connection or without', async () => {
    const script = new Script()
    const client = script.connect({ timeoutMs: 60_000 })
    const waiting = assert.rejects(client.call('a', 1, { timeoutMs: 500 }), { code: 'TIMEOUT' })
    const socket = await script.socket(1)
    await script.clock.advance(500)
    await waiting
    await socket.accept()
    socket.assertNothing()
    const sent = assert.rejects(client.call('a', 1, { timeoutMs: 90_000 }), { code: 'TIMEOUT' })
    await script.clock.advance(89_999)
    const { id } = socket.take('rpc')
    await script.clock.advance(1)
    await sent
    socket.say({ id, rpc: { data: 'too late' } })
  })

  test('gives up when it is aborted', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const reason = new TypeError('not needed any more')
    const abort = new AbortController()
    const answer = client.call('a', 1, { signal: abort.signal })
    await script.settle()
    const { id } = socket.take('rpc')
    abort.abort(reason)
    await assert.rejects(answer, reason)
    socket.say({ id, rpc: { data: 'too late' } })
    await assert.rejects(client.call('a', 1, { signal: abort.signal }), reason)
    await script.settle()
    socket.assertNothing()
  })

  test('runs at most once: nobody knows what became of it when the connection was lost', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const answer = assert.rejects(client.call('a', 1), { code: 'CALL_OUTCOME_UNKNOWN' })
    await script.settle()
    socket.take('rpc')
    socket.end()
    await answer
    const next = await script.nextSocket()
    await next.accept()
    next.assertNothing()
  })

  test('that is idempotent is sent again with the same id', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const answer = client.call('a', 1, { isIdempotent: true })
    await script.settle()
    const first = socket.take('rpc')
    assert.match(String(first.key), /^[0-9a-f-]{36}$/)
    socket.say({ id: first.id, error: { code: 100, message: 'internal', temporary: true } })
    await script.clock.advance(script.clock.nextMs)
    assert.equal(socket.take('rpc').key, first.key)
    socket.end()
    const next = await script.nextSocket()
    await next.accept()
    const last = next.take('rpc')
    assert.equal(last.key, first.key)
    next.say({ id: last.id, rpc: {} })
    assert.equal(await answer, undefined)
  })

  test('ends when the connection does for good', async () => {
    const script = new Script()
    const client = script.connect()
    const refused = assert.rejects(client.call('a', 1), {
      code: 'DISCONNECTED',
      message: 'invalid token',
      server: { code: 3500, reason: 'invalid token' },
    })
    const socket = await script.socket(1)
    socket.end(3500, 'invalid token')
    await refused
    await assert.rejects(client.call('b', 1), { code: 'DISCONNECTED' })
    client.connect()
    const closed = assert.rejects(client.call('b', 1), { code: 'CLOSED' })
    client.close()
    await closed
  })
})

describe('messages', () => {
  test('go both ways without an answer', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    const off = client.on('message', (data) => got.push(data))
    client.on('publication', (value) => got.push(value))
    client.send({ seen: 7 })
    await script.settle()
    assert.deepEqual(socket.frames.at(-1), '{"send":{"data":{"seen":7}}}')
    socket.say({ push: { message: { data: 'hi' } } }, { push: { channel: 'news', pub: { data: 1 } } })
    off()
    socket.say({ push: { message: { data: 'again' } } })
    assert.deepEqual(got, ['hi', { channel: 'news', publication: { data: 1 } }])
    socket.end()
    client.send('nobody hears it')
    const next = await script.nextSocket()
    await next.accept()
    next.assertNothing()
  })
})
