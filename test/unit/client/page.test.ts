import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { Script } from './scripted-server.ts'

/** What a browser's page has, for as long as a test runs. */
const page = globalThis as { document?: unknown; addEventListener?: unknown; removeEventListener?: unknown }
const before = { ...page }
let events: EventTarget
let document: EventTarget & { visibilityState: string }

describe('a page', () => {
  beforeEach(() => {
    events = new EventTarget()
    document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    page.document = document
    page.addEventListener = events.addEventListener.bind(events)
    page.removeEventListener = events.removeEventListener.bind(events)
  })
  afterEach(() => {
    page.document = before.document
    page.addEventListener = before.addEventListener
    page.removeEventListener = before.removeEventListener
  })

  test('that loses its network loses the connection at once, and tries at once when it is back', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const changes: number[] = []
    client.on('state', ({ code }) => changes.push(code))
    events.dispatchEvent(new Event('offline'))
    assert.ok(socket.isClosed)
    assert.equal(client.state, 'connecting')
    events.dispatchEvent(new Event('offline'))
    events.dispatchEvent(new Event('online'))
    await (await script.socket(2)).accept()
    assert.equal(client.state, 'connected')
    assert.deepEqual(changes, [4, 0])
  })

  test('that is offline still tries now and then: the server may be on the same machine', async () => {
    const script = new Script()
    await script.open()
    events.dispatchEvent(new Event('offline'))
    await (await script.nextSocket()).accept()
  })

  test('that is seen again tries at once', async () => {
    const script = new Script()
    const { socket } = await script.open()
    socket.end()
    document.visibilityState = 'hidden'
    document.dispatchEvent(new Event('visibilitychange'))
    await script.socket(1)
    document.visibilityState = 'visible'
    document.dispatchEvent(new Event('visibilitychange'))
    await script.socket(2)
  })

  test('that is seen again notices that pings have stayed out while its timers slept', async () => {
    const script = new Script()
    const client = script.connect({ timeoutMs: 5_000 })
    const socket = await script.socket(1)
    await socket.accept({ ping: 25, pong: true })
    script.clock.sleep(60_000)
    document.dispatchEvent(new Event('visibilitychange'))
    assert.equal(client.state, 'connecting')
  })

  test('is left alone by a client that is closed', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    client.close()
    socket.isClosed = false
    events.dispatchEvent(new Event('offline'))
    events.dispatchEvent(new Event('online'))
    document.dispatchEvent(new Event('visibilitychange'))
    await script.socket(1)
    assert.equal(client.state, 'disconnected')
  })
})
