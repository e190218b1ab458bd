import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connect } from 'goweb/client'
import { Script, ScriptedSocket } from './scripted-server.ts'

describe('a connection', () => {
  test('is made at once, and says how it goes', async () => {
    const script = new Script()
    const client = script.connect({ data: { device: 7 } })
    const states: string[] = []
    client.on('state', ({ state, code }) => states.push(`${state} ${code}`))
    assert.equal(client.state, 'connecting')
    const socket = await script.socket(1)
    assert.equal(socket.url, 'ws://server/connection/websocket')
    socket.onopen?.()
    await script.settle()
    const { id, key: _, ...request } = socket.take('connect')
    assert.deepEqual(request, { data: { device: 7 }, name: 'goweb' })
    assert.equal(client.id, undefined)
    socket.say({ id, connect: { client: 'c7' } })
    assert.equal(client.state, 'connected')
    assert.equal(client.id, 'c7')
    client.close()
    assert.ok(socket.isClosed)
    assert.equal(client.state, 'disconnected')
    assert.deepEqual(states, ['connected 0', 'disconnected 0'])
    assert.equal(script.clock.size, 0, 'no timer is left')
  })

  test('waits longer each time, at random within bounds, and begins anew after a good connection', async () => {
    const script = new Script()
    script.connect({ minReconnectDelayMs: 200, maxReconnectDelayMs: 5_000 })
    script.clock.chance = 0.999_999
    const waits: number[] = []
    for (let count = 1; count <= 6; count++) {
      const socket = await script.socket(count)
      socket.end()
      waits.push(Math.round(script.clock.nextMs))
      await script.clock.advance(script.clock.nextMs)
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 5_000, 5_000, 5_000])
    const good = await script.socket(7)
    await good.accept()
    await script.clock.advance(9_999)
    good.end()
    assert.equal(Math.round(script.clock.nextMs), 5_000, 'not stable for long enough')
    const better = await script.nextSocket()
    await better.accept()
    await script.clock.advance(10_000)
    script.clock.chance = 0
    better.end()
    assert.equal(script.clock.nextMs, 200)
  })

  test('does not wait longer for some time when a server said that it goes, since another follows', async () => {
    const script = new Script()
    const { socket } = await script.open({ minReconnectDelayMs: 200, maxReconnectDelayMs: 20_000 })
    script.clock.chance = 0.999_999
    const waits: number[] = []
    socket.end(3001, 'shutdown')
    for (let count = 1; count <= 13; count++) {
      waits.push(Math.round(script.clock.nextMs))
      // Refused, or sent away before it was let in: nothing begins anew then.
      const next = await script.nextSocket()
      next.end(count % 2 === 0 ? 3001 : 1006)
    }
    assert.deepEqual(waits, [...Array.from({ length: 10 }, () => 2_000), 4_000, 8_000, 16_000])
  })

  for (const code of [1000, 1001, 1006, 1011, 1012, 3000, 3001, 3008, 3012, 3499, 3502, 4000, 4499]) {
    test(`is made again after code ${code}`, async () => {
      const script = new Script()
      const { client, socket } = await script.open()
      socket.end(code, 'why')
      assert.equal(client.state, 'connecting')
      await (await script.nextSocket()).accept()
      assert.equal(client.state, 'connected')
    })
  }

  for (const code of [1009, 3500, 3501, 3503, 3999, 4500, 4999]) {
    test(`is not made again after code ${code}, until the app says so`, async () => {
      const script = new Script()
      const { client, socket } = await script.open()
      const changes: unknown[] = []
      client.on('state', (change) => changes.push(change))
      socket.end(code, 'why')
      assert.deepEqual(changes, [{ state: 'disconnected', code, reason: 'why' }])
      assert.equal(script.clock.size, 0)
      client.connect()
      await (await script.socket(2)).accept()
      assert.equal(client.state, 'connected')
    })
  }

  test('ends by a push as by a close code, and what follows in the frame does not count', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const messages: unknown[] = []
    client.on('message', (message) => messages.push(message))
    socket.say(
      { push: { message: { data: 1 } } },
      { push: { disconnect: { code: 3503, reason: 'force disconnect' } } },
      { push: { message: { data: 2 } } },
    )
    assert.equal(client.state, 'disconnected')
    assert.deepEqual(messages, [1])
  })

  test('that does not come about in time is tried again', async () => {
    const script = new Script()
    const client = script.connect({ timeoutMs: 3_000 })
    const changes: unknown[] = []
    client.on('state', ({ code }) => changes.push(code))
    const silent = await script.socket(1)
    await script.clock.advance(3_000)
    assert.ok(silent.isClosed)
    const mute = await script.nextSocket()
    mute.onopen?.()
    await script.clock.advance(3_000)
    assert.deepEqual(changes, [2, 2])
    await (await script.nextSocket()).accept()
    assert.equal(client.state, 'connected')
  })

  test('that the server refuses for now is tried again, one that it refuses is not', async () => {
    const script = new Script()
    const client = script.connect()
    const first = await script.socket(1)
    first.onopen?.()
    await script.settle()
    first.say({ id: first.take('connect').id, error: { code: 100, message: 'internal', temporary: true } })
    const second = await script.nextSocket()
    second.onopen?.()
    await script.settle()
    second.say({ id: second.take('connect').id, error: { code: 103, message: 'permission denied' } })
    assert.equal(client.state, 'disconnected')
  })

  test('that the platform does not let be made is tried again, and says why', async () => {
    const script = new Script()
    const refusal = new TypeError('an insecure WebSocket may not be made from this page')
    let isAllowed = false
    const { sockets } = script
    const client = script.connect({
      WebSocket: class extends ScriptedSocket {
        constructor(url: string) {
          if (!isAllowed) throw refusal
          super(url)
          sockets.push(this)
        }
      },
    })
    const changes: unknown[] = []
    client.on('state', ({ state, code }) => changes.push([state, code]))
    await script.settle()
    assert.deepEqual(changes, [['connecting', 6]])
    assert.deepEqual(script.errors, [refusal])
    isAllowed = true
    await (await script.nextSocket()).accept()
    assert.equal(client.state, 'connected')
  })

  test('answers pings when asked to', async () => {
    const script = new Script()
    const client = script.connect()
    const socket = await script.socket(1)
    await socket.accept({ ping: 25, pong: true })
    socket.say({})
    await script.settle()
    assert.deepEqual(socket.frames.slice(1), ['{}'])
    client.close()
  })

  test('counts as dead when pings stay out, and is replaced without waiting for its end', async () => {
    const script = new Script()
    const client = script.connect({ timeoutMs: 5_000 })
    const socket = await script.socket(1)
    await socket.accept({ ping: 25, pong: true })
    const changes: number[] = []
    client.on('state', ({ code }) => changes.push(code))
    await script.clock.advance(20_000)
    socket.say({ push: { message: {} } })
    await script.clock.advance(29_999)
    assert.equal(client.state, 'connected')
    await script.clock.advance(1)
    assert.equal(client.state, 'connecting')
    assert.deepEqual(changes, [3])
    await (await script.nextSocket()).accept()
    socket.end()
    socket.say({ push: { message: {} } })
    assert.equal(client.state, 'connected')
  })

  for (const nonsense of ['null', '7', '"text"', '[]x']) {
    test(`is dropped on ${nonsense}`, async () => {
      const script = new Script()
      const { client, socket } = await script.open()
      socket.onmessage?.({ data: nonsense })
      assert.equal(client.state, 'connecting')
    })
  }

  test('is dropped on nonsense', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    socket.onmessage?.({ data: '{"push":' })
    assert.equal(client.state, 'connecting')
    socket.isClosed = true
  })

  test('needs a WebSocket and an address', () => {
    const isInvalid = { name: 'ClientError', code: 'OPTION_INVALID' }
    assert.throws(() => connect('/'), isInvalid)
    const platform = globalThis as { WebSocket?: unknown }
    const { WebSocket } = platform
    platform.WebSocket = undefined
    try {
      assert.throws(() => connect('ws://server/'), isInvalid)
    } finally {
      platform.WebSocket = WebSocket
    }
  })

  test('that is closed stays so', async () => {
    const script = new Script()
    const { client } = await script.open()
    client.close()
    client.close()
    assert.throws(() => client.connect(), { code: 'CLOSED' })
    assert.throws(() => client.channel('a'), { code: 'CLOSED' })
    await assert.rejects(client.call('a', 1), { code: 'CLOSED' })
    assert.equal((await script.socket(1)).commands.length, 0)
  })
})
