import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SocketHooks } from '../../../src/websocket/socket-hooks.ts'
import { clientFrame, concat } from './client-frame.ts'
import { FakeServer } from './fake-server.ts'

function text(message: string): Uint8Array {
  return clientFrame(0x1, message)
}

/** Hooks that keep the messages of one socket. */
function keeping(): { hooks: SocketHooks; messages: unknown[] } {
  const messages: unknown[] = []
  return { hooks: { message: (_socket, message) => messages.push(message) }, messages }
}

describe('sockets that share a parser', () => {
  test('keep apart what arrives in part, whatever the order', () => {
    const server = new FakeServer()
    const all = Array.from({ length: 4 }, () => {
      const { hooks, messages } = keeping()
      return { socket: server.open(hooks).socket, messages }
    })
    const streams = all.map((_, i) => concat(text(`first of ${i}`), text(`second of ${i}`), text('end')))
    const longest = Math.max(...streams.map((stream) => stream.length))
    for (let at = 0; at < longest; at += 5) {
      all.forEach(({ socket }, i) => {
        const part = Uint8Array.from(streams[i]!.subarray(at, at + 5))
        if (part.length > 0) socket.receive(part)
      })
    }
    all.forEach(({ messages }, i) =>
      assert.deepEqual(messages, [`first of ${i}`, `second of ${i}`, 'end'], `socket ${i}`),
    )
    assert.deepEqual(server.errors, [])
  })

  test('keep their own limits', () => {
    const server = new FakeServer()
    const wide = server.open({}, { maxPayloadBytes: 100 })
    const narrow = server.open({}, { maxPayloadBytes: 10 })
    wide.socket.receive(text('x'.repeat(50)))
    narrow.socket.receive(text('x'.repeat(50)))
    assert.deepEqual([wide.socket.state, narrow.socket.state], ['open', 'closing'])
    wide.socket.receive(text('x'.repeat(50)))
    assert.equal(wide.socket.state, 'open')

    const fragments = server.open({}, { maxFragments: 2 })
    const free = server.open({})
    for (const { socket } of [free, fragments]) {
      socket.receive(clientFrame(0x1, 'a', { fin: false }))
      socket.receive(clientFrame(0x0, 'b', { fin: false }))
      socket.receive(clientFrame(0x0, 'c'))
    }
    assert.deepEqual([free.socket.state, fragments.socket.state], ['open', 'closing'])
  })

  test('keep their own rates', () => {
    const server = new FakeServer()
    const rate = { messagesPerSecond: 2, messageBurst: 2 }
    const first = keeping()
    const second = keeping()
    const a = server.open(first.hooks, rate)
    const b = server.open(second.hooks, rate)
    for (const message of ['1', '2']) for (const { socket } of [a, b]) socket.receive(text(message))
    assert.deepEqual(
      [first.messages, second.messages],
      [
        ['1', '2'],
        ['1', '2'],
      ],
    )
    assert.deepEqual([a.socket.state, b.socket.state], ['open', 'open'])
    a.socket.receive(text('3'))
    assert.deepEqual([a.socket.state, b.socket.state], ['closing', 'open'])
  })

  test('are not harmed by one that was ended in the middle of a read, by itself or by another', () => {
    const server = new FakeServer()
    const ended = keeping()
    const other = keeping()
    const victim = server.open({
      message(socket, message) {
        ended.messages.push(message)
        socket.terminate()
      },
    })
    const healthy = server.open(other.hooks)
    victim.socket.receive(concat(text('one'), text('two')))
    healthy.socket.receive(text('still'))
    victim.socket.receive(text('three'))
    assert.deepEqual([ended.messages, other.messages], [['one'], ['still']])

    const half = text('half a message')
    healthy.socket.receive(half.slice(0, 9))
    const killer = server.open({ message: () => healthy.socket.terminate() })
    killer.socket.receive(text('kill'))
    killer.socket.receive(text('again'))
    healthy.socket.receive(half.slice(9))
    assert.deepEqual(other.messages, ['still'])
    assert.equal(killer.socket.state, 'open')
  })

  test('may read inside the hook of another', () => {
    const server = new FakeServer()
    const inner = keeping()
    const { socket } = server.open(inner.hooks)
    const seen: unknown[] = []
    const outer = server.open({
      message(_socket, message) {
        seen.push(message)
        if (message === 'a') socket.receive(concat(text('inner'), text('more').slice(0, 4)))
      },
    })
    outer.socket.receive(concat(text('a'), text('b')))
    socket.receive(text('more').slice(4))
    assert.deepEqual(
      [seen, inner.messages],
      [
        ['a', 'b'],
        ['inner', 'more'],
      ],
    )
  })

  test('ignore what follows a violation, a close frame and the end', () => {
    const server = new FakeServer()
    const { hooks, messages } = keeping()
    const [violating, closing, ending] = [server.open(hooks), server.open(hooks), server.open(hooks)]
    violating.socket.receive(clientFrame(0x3))
    closing.socket.receive(clientFrame(0x8))
    ending.socket.handleEnd()
    for (const { socket } of [violating, closing, ending]) socket.receive(text('late'))
    assert.deepEqual(messages, [])
    const { socket } = server.open(hooks)
    socket.receive(text('fresh'))
    assert.deepEqual(messages, ['fresh'])
    assert.equal(server.errors.length, 1)
  })
})
