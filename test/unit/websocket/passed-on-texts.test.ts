import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SocketHooks } from '../../../src/websocket/socket-hooks.ts'
import { Random } from '../../fuzz/random.ts'
import { clientFrame, concat } from './client-frame.ts'
import { type FakeConnection, FakeServer, type FakeSocket } from './fake-server.ts'

/** All that comes is read into the same memory, as by the driver. */
const memory = new Uint8Array(65_536)

/** Text messages that come in one read. Afterwards something else is where they were. */
function read(socket: FakeSocket, texts: readonly string[]): void {
  const bytes = concat(...texts.map((text) => clientFrame(1, text)))
  memory.set(bytes)
  socket.receive(memory.subarray(0, bytes.length))
  memory.fill(0x7a)
}

describe('texts of one read that are passed on', () => {
  for (const [what, texts] of [
    ['short ones', ['one', 'two', 'three']],
    ['equal ones', ['same', 'same', 'same', 'same']],
    ['empty ones', ['', '', 'a', '']],
    ['ones of all short lengths', Array.from({ length: 14 }, (_, index) => 'x'.repeat(index * 9 + 8))],
    ['ones with others between that are not ASCII', ['one', 'zwölf', 'three', '€', 'five', 'six']],
    [
      'long ones between short ones',
      ['one', 'x'.repeat(126), 'three', 'four', 'y'.repeat(5_000), 'six', 'seven'],
    ],
  ] as const) {
    test(`arrive as they came: ${what}`, () => {
      const server = new FakeServer()
      const { socket, connection } = server.open({ message: (own, message) => void own.send(message) })
      read(socket, texts)
      server.endTurn()
      assert.deepEqual(connection.texts, texts)
      assert.equal(connection.writes.length, 1)
    })
  }

  test('arrive in their order among others', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({
      message(own, message) {
        own.send(`before ${String(message)}`)
        own.send(message)
        own.send(`after ${String(message)}`)
        own.send(message)
        own.ping('ping')
        own.send(message)
      },
    })
    read(socket, ['one', 'two'])
    server.endTurn()
    assert.deepEqual(
      connection.events.map(([, payload]) => payload),
      ['one', 'two'].flatMap((text) => [
        `before ${text}`,
        text,
        `after ${text}`,
        text,
        Buffer.from('ping').toString('hex'),
        text,
      ]),
    )
  })

  test('arrive when others are sent instead, or they themselves later', async () => {
    const server = new FakeServer()
    let last = 'none'
    const { socket, connection } = server.open({
      async message(own, message) {
        // As long as the one at hand, and in the same memory until the next read.
        own.send(last)
        last = String(message)
        await Promise.resolve()
        own.send(message)
      },
    })
    read(socket, ['one1', 'two2', 'four'])
    await Promise.resolve()
    server.endTurn()
    assert.deepEqual(connection.texts, ['none', 'one1', 'two2', 'one1', 'two2', 'four'])
  })

  test('are forgotten when a handler throws', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({
      message(_own, message) {
        if (message === 'two') throw new Error('refused')
      },
    })
    read(socket, ['one', 'two'])
    assert.equal(server.errors.length, 1)
    socket.send('two')
    server.endTurn()
    assert.deepEqual(connection.texts, ['two'])
  })

  test('arrive when another socket reads while one of them is handed over', () => {
    const server = new FakeServer()
    const inner = server.open({ message: (own, message) => void own.send(message) })
    const outer = server.open({
      message(own, message) {
        const bytes = concat(clientFrame(1, 'inner 1'), clientFrame(1, 'inner 2'))
        inner.socket.receive(bytes)
        own.send(message)
      },
    })
    read(outer.socket, ['outer 1', 'outer 2', 'outer 3'])
    server.endTurn()
    assert.deepEqual(outer.connection.texts, ['outer 1', 'outer 2', 'outer 3'])
    assert.deepEqual(
      inner.connection.texts,
      [1, 2, 3].flatMap(() => ['inner 1', 'inner 2']),
    )
  })

  test('reach whom they are passed on to, in any mixture', () => {
    const random = new Random(5)
    const pieces = ['', 'a', 'é', '€', 'x'.repeat(60), 'y'.repeat(125), 'z'.repeat(300)]
    for (let round = 0; round < 100; round++) {
      const server = new FakeServer()
      const kept: string[] = []
      const peers: { socket: FakeSocket; connection: FakeConnection; expected: string[] }[] = []
      const hooks: SocketHooks = {
        message(_own, message) {
          const text = String(message)
          const { socket, expected } = peers[random.below(peers.length)]!
          const choice = random.below(6)
          if (choice === 0) kept.push(text)
          else if (choice === 1) {
            server.hub.publish('news', text)
            for (const peer of peers.slice(2)) peer.expected.push(text)
          } else {
            const sent = choice === 2 ? `${text}!` : choice === 3 ? (kept.at(-1) ?? 'none') : text
            socket.send(sent)
            expected.push(sent)
          }
        },
      }
      for (let index = 0; index < 4; index++) peers.push({ ...server.open(hooks), expected: [] })
      for (const { socket } of peers.slice(2)) socket.subscribe('news')
      for (let turn = 0; turn < 10; turn++) {
        for (const { socket, connection } of peers) {
          connection.isSlow = random.below(3) === 0
          if (!connection.isSlow) connection.queued = 0
          const length = random.below(12)
          read(
            socket,
            Array.from({ length }, () => pieces[random.below(pieces.length)]! + pieces[random.below(4)]!),
          )
        }
        server.endTurn()
      }
      for (const { connection, expected } of peers)
        assert.deepEqual(connection.texts, expected, `round ${round}`)
    }
  })
})
