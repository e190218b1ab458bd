import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SocketMessage } from '../../../src/websocket/socket.ts'
import { Random } from '../../fuzz/random.ts'
import { type FakeConnection, FakeServer, type FakeSocket } from './fake-server.ts'

/** The only piece of the last write. */
function lastPiece({ pieces }: FakeConnection): Uint8Array {
  assert.equal(pieces.at(-1)?.length, 1)
  return pieces.at(-1)![0]!
}

function isSameMemory(one: Uint8Array, other: Uint8Array): boolean {
  return one.buffer === other.buffer && one.byteOffset === other.byteOffset
}

interface Peer {
  readonly socket: FakeSocket
  readonly connection: FakeConnection
  /** What it is owed. */
  readonly expected: unknown[]
}

/** As the events tell it: binary messages in hex. */
function told(message: SocketMessage): unknown {
  return typeof message === 'string' ? message : Buffer.from(message).toString('hex')
}

describe('the memory of frames', () => {
  test('is used again for the next socket, once they have left', () => {
    const server = new FakeServer()
    const peers = [server.open(), server.open()] as const
    for (const text of ['one', 'two', 'a longer one']) {
      for (const { socket } of peers) socket.send(text)
      server.endTurn()
      assert.ok(isSameMemory(lastPiece(peers[0].connection), lastPiece(peers[1].connection)))
    }
    for (const { connection } of peers) assert.deepEqual(connection.texts, ['one', 'two', 'a longer one'])
  })

  test('is left alone while they wait', () => {
    const server = new FakeServer()
    const slow = server.open()
    const fast = server.open()
    slow.connection.isSlow = true
    for (const text of ['one', 'two']) {
      slow.socket.send(`to the slow one: ${text}`)
      fast.socket.send(`to the fast one: ${text}`)
      server.endTurn()
      assert.ok(!isSameMemory(lastPiece(slow.connection), lastPiece(fast.connection)))
    }
    assert.deepEqual(slow.connection.texts, ['to the slow one: one', 'to the slow one: two'])
  })

  test('never mixes up what is sent, whoever reads late', () => {
    const random = new Random(11)
    const pieces = ['a', 'é', '€', 'x'.repeat(60), 'y'.repeat(125), 'z'.repeat(3_000), 'w'.repeat(40_000)]
    for (let round = 0; round < 30; round++) {
      const server = new FakeServer()
      const peers = Array.from({ length: 5 }, (): Peer => {
        const { socket, connection } = server.open({}, { maxBackpressureBytes: 1e9 })
        return { socket, connection, expected: [] }
      })
      for (const { socket } of peers.slice(2)) socket.subscribe('news')
      for (let turn = 0; turn < 40; turn++) {
        for (const { socket, connection } of peers) {
          if (random.below(4) > 0) continue
          connection.isSlow = !connection.isSlow
          if (connection.isSlow) continue
          connection.queued = 0
          socket.handleDrain()
        }
        for (let count = random.below(20); count > 0; count--) {
          const text = `${round}.${turn}.${count} ${pieces[random.below(pieces.length)]!}`
          const message = random.below(4) === 0 ? Buffer.from(text) : text
          if (random.below(5) === 0) {
            server.hub.publish('news', message)
            for (const { expected } of peers.slice(2)) expected.push(told(message))
            continue
          }
          const { socket, expected } = peers[random.below(peers.length)]!
          socket.send(message)
          expected.push(told(message))
        }
        server.endTurn()
      }
      for (const { connection, expected } of peers) {
        assert.deepEqual(
          connection.events.map(([, payload]) => payload),
          expected,
          `round ${round}`,
        )
      }
    }
  })
})
