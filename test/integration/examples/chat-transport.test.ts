import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { ROOT } from './example-process.ts'

interface State {
  readonly phase: string
  readonly retryAt?: number
  readonly code?: number
}

interface Transport {
  readonly state: State
  open(): void
  send(message: object, options?: { expectsReply?: boolean }): boolean
  wake(): void
  close(): void
}

type TransportClass = new (
  url: string,
  options: { onState: (state: State) => void; onMessage: (message: unknown) => void },
) => Transport

const file = pathToFileURL(join(ROOT, 'examples/chat/public/transport.js')).href
const { Transport } = (await import(file)) as { Transport: TransportClass }

/** A WebSocket whose server is the test. */
class FakeSocket extends EventTarget {
  static readonly all: FakeSocket[] = []
  readonly sent: unknown[] = []
  isClosed = false

  constructor() {
    super()
    FakeSocket.all.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.isClosed = true
  }

  accept(): void {
    this.dispatchEvent(new Event('open'))
  }

  tell(message: object): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }))
  }

  end(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
}

const realSocket = globalThis.WebSocket
let phases: string[] = []
let messages: unknown[] = []
let transport: Transport

const latest = (): FakeSocket => FakeSocket.all.at(-1)!

beforeEach(() => {
  globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  FakeSocket.all.length = 0
  phases = []
  messages = []
  transport = new Transport('ws://x', {
    onState: ({ phase }) => phases.push(phase),
    onMessage: (message) => messages.push(message),
  })
  transport.open()
})

afterEach(() => {
  transport.close()
  mock.timers.reset()
  mock.restoreAll()
  globalThis.WebSocket = realSocket
})

describe('the transport of the chat', () => {
  test('hands messages over while it is online, and refuses them otherwise', () => {
    assert.equal(transport.send({ a: 1 }), false)
    latest().accept()
    assert.equal(transport.send({ a: 2 }), true)
    assert.deepEqual(latest().sent, [{ a: 2 }])
    latest().tell({ b: 1 })
    latest().tell({ kind: 'pong' })
    assert.deepEqual(messages, [{ b: 1 }])
    latest().end(1006)
    assert.equal(transport.send({ a: 3 }), false)
    assert.deepEqual(phases, ['connecting', 'online', 'waiting'])
  })

  test('waits longer after each failure, up to half a minute, by chance within that', () => {
    const random = mock.method(Math, 'random', () => 0.999_999)
    const delays: number[] = []
    for (let n = 0; n < 8; n++) {
      latest().end(1006)
      delays.push(Math.round((transport.state.retryAt ?? 0) - Date.now()))
      const count = FakeSocket.all.length
      mock.timers.tick(delays.at(-1)! - 1)
      assert.equal(FakeSocket.all.length, count)
      mock.timers.tick(1)
      assert.equal(FakeSocket.all.length, count + 1)
    }
    assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])

    random.mock.mockImplementation(() => 0)
    latest().end(1006)
    assert.equal(transport.state.retryAt, Date.now())
    mock.timers.tick(0)
    random.mock.mockImplementation(() => 0.5)
    latest().accept()
    latest().end(1006)
    assert.equal((transport.state.retryAt ?? 0) - Date.now(), 15_000, 'open, but never a message')
    transport.wake()
    latest().accept()
    latest().tell({ kind: 'welcome' })
    latest().end(1006)
    assert.equal((transport.state.retryAt ?? 0) - Date.now(), 250, 'a message resets it')
  })

  test('notices a connection that is dead without knowing', () => {
    latest().accept()
    mock.timers.tick(24_999)
    assert.deepEqual(latest().sent, [])
    mock.timers.tick(1)
    assert.deepEqual(latest().sent, [{ kind: 'ping' }])
    latest().tell({ kind: 'pong' })
    mock.timers.tick(25_000)
    assert.equal(latest().sent.length, 2)
    mock.timers.tick(10_000)
    assert.deepEqual(phases, ['connecting', 'online', 'waiting'])
    assert.equal(latest().isClosed, true)
  })

  test('takes a connection for lost when a reply stays away, whatever is sent meanwhile', () => {
    latest().accept()
    transport.send({ a: 1 }, { expectsReply: true })
    mock.timers.tick(6_000)
    transport.send({ a: 2 }, { expectsReply: true })
    mock.timers.tick(4_000)
    assert.equal(transport.state.phase, 'waiting')
  })

  test('hears nothing more from a connection that it gave up', () => {
    const first = latest()
    mock.timers.tick(10_000)
    assert.equal(transport.state.phase, 'waiting')
    first.accept()
    first.tell({ late: true })
    assert.equal(transport.state.phase, 'waiting')
    transport.wake()
    assert.equal(transport.state.phase, 'connecting')
    first.end(1006)
    assert.equal(transport.state.phase, 'connecting')
    assert.deepEqual(messages, [])
  })

  test('asks at once whether the connection lives when it is woken', () => {
    latest().accept()
    transport.wake()
    assert.deepEqual(latest().sent, [{ kind: 'ping' }])
    mock.timers.tick(10_000)
    assert.equal(transport.state.phase, 'waiting')
  })

  test('stays away when it is told to, or closed', () => {
    latest().accept()
    latest().end(4001)
    assert.deepEqual(transport.state, { phase: 'closed', code: 4001 })
    mock.timers.tick(100_000)
    transport.wake()
    assert.equal(FakeSocket.all.length, 1)
  })
})
