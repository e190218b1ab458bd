import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SocketMessage } from '../../../src/websocket/socket.ts'
import { Random } from '../../fuzz/random.ts'
import { FakeServer } from './fake-server.ts'

/** What a client reads of messages that were sent in one turn. */
function sentInOneTurn(messages: readonly SocketMessage[]): unknown[] {
  const server = new FakeServer()
  const { socket, connection } = server.open()
  for (const message of messages) assert.equal(socket.send(message), 'sent')
  server.endTurn()
  assert.ok(connection.writes.length <= 1)
  return connection.events.map(([, payload]) => payload)
}

/** A lone surrogate becomes U+FFFD, as in every encoding of text as UTF-8; binary messages are told in hex. */
function expected(messages: readonly SocketMessage[]): unknown[] {
  return messages.map((message) =>
    typeof message === 'string' ? message.toWellFormed() : Buffer.from(message).toString('hex'),
  )
}

describe('short texts of one turn', () => {
  test('arrive as they were sent, whatever they are made of', () => {
    const rows: readonly (readonly string[])[] = [
      [''],
      ['', ''],
      ['a', '', 'b'],
      ['\0\0', '\0', '\0\0\0', 'a'],
      ['a'.repeat(125), 'b'.repeat(126), 'c'.repeat(125), 'd'.repeat(127)],
      ['plain', 'é', 'plain'],
      ['é'.repeat(62), 'é'.repeat(63), 'é'.repeat(125), 'plain'],
      ['€'.repeat(41), '€'.repeat(42), '€'.repeat(125)],
      ['𝄞', 'plain', '𝄞𝄞'],
    ]
    for (const row of rows) assert.deepEqual(sentInOneTurn(row), expected(row))
  })

  test('never join halves of a character', () => {
    const halves = ['\ud834', '\udd1e', 'a\ud834', '\udd1eb']
    assert.deepEqual(sentInOneTurn(halves), ['\ufffd', '\ufffd', 'a\ufffd', '\ufffdb'])
  })

  test('keep their place among other frames', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    // A lone subscriber would be sent to directly.
    server.open().socket.subscribe('news')
    socket.send('one')
    socket.send(Uint8Array.of(2))
    socket.send('three')
    socket.ping('four')
    socket.send('five')
    socket.subscribe('news')
    server.hub.publish('news', 'six')
    socket.send('seven')
    socket.send('eight')
    server.hub.publish('news', 'nine')
    socket.send('ten')
    server.endTurn()
    assert.deepEqual(
      connection.events.map(([, payload]) => payload),
      ['one', '02', 'three', '666f7572', 'five', 'six', 'seven', 'eight', 'nine', 'ten'],
    )
  })

  test('arrive however many they are', () => {
    const messages = Array.from({ length: 3_000 }, (_, index) => `message ${index}`)
    assert.deepEqual(sentInOneTurn(messages), messages)
  })

  test('arrive in any mixture', () => {
    const random = new Random(7)
    const pieces = ['a', 'é', '€', '𝄞', '\ud834', '\udd1e', '\0\0', 'x'.repeat(60), 'y'.repeat(125)]
    for (let round = 0; round < 300; round++) {
      const messages = Array.from({ length: random.below(12) }, (): SocketMessage => {
        if (random.below(8) === 0) return Uint8Array.of(random.below(256))
        return Array.from({ length: random.below(4) }, () => pieces[random.below(pieces.length)]!).join('')
      })
      assert.deepEqual(sentInOneTurn(messages), expected(messages), `round ${round}`)
    }
  })

  test('count for bufferedAmount before they are encoded', () => {
    const { socket } = new FakeServer().open()
    socket.send('abc')
    socket.send('é')
    assert.equal(socket.bufferedAmount, 5 + 4)
    socket.send('€')
    assert.equal(socket.bufferedAmount, 5 + 4 + 5)
  })

  test('fill what may wait to the last byte, and no further', () => {
    for (const [text, bytes] of [
      ['a'.repeat(98), 100],
      ['é'.repeat(49), 100],
    ] as const) {
      const server = new FakeServer()
      const { socket, connection } = server.open(
        {},
        { maxBackpressureBytes: 1_000, backpressurePolicy: 'drop' },
      )
      connection.isSlow = true
      const results = Array.from({ length: 12 }, () => socket.send(text))
      // As for all messages, the header of the one at hand is not counted.
      assert.equal(results.filter((result) => result !== 'dropped').length, 10, text)
      assert.equal(socket.bufferedAmount, 10 * bytes)
      server.endTurn()
      assert.equal(connection.texts.length, 10)
    }
  })
})

describe('a turn with very many texts', () => {
  test('writes early, also when they are empty', () => {
    for (const text of ['', 'a', 'x'.repeat(32)]) {
      const server = new FakeServer()
      const { socket, connection } = server.open({}, { maxBackpressureBytes: 1e9 })
      for (let count = 0; count < 40_000; count++) socket.send(text)
      assert.ok(connection.writes.length > 0, `${text.length} characters`)
      server.endTurn()
      assert.equal(connection.texts.length, 40_000)
    }
  })

  test('tells from 64 KiB on that they wait', () => {
    const { socket } = new FakeServer().open()
    const results = Array.from({ length: 700 }, () => socket.send('a'.repeat(98)))
    assert.equal(results.indexOf('queued'), 655)
  })
})
