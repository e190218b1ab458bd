import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clientFrame, concat, hex } from './client-frame.ts'
import { deflated, InflatingClient } from './deflating-client.ts'
import { FakeServer } from './fake-server.ts'
import { compression, ManualCodec } from './manual-codec.ts'

const BOTH = { serverNoContextTakeover: false, clientNoContextTakeover: false }
const RSV1 = 4

/** A text that a codec of 1,000 bytes does not take at once, neither deflated nor as it is. */
function large(seed: number): string {
  return Array.from({ length: 2_000 }, (_, index) => ((index + seed * 3_000) ** 3 % 9_973).toString(36)).join(
    ' ',
  )
}

/** A deflated message of a client. */
function message(text: string, history?: Uint8Array): Uint8Array {
  return clientFrame(1, deflated(text, history), { rsv: RSV1 })
}

/** A socket that compresses, and what its hooks were told. */
function open(options = {}, codec: ManualCodec = new ManualCodec(), maxPayloadBytes = 1_048_576) {
  const server = new FakeServer()
  const heard: string[] = []
  const { socket, connection } = server.open(
    {
      message: (_socket, data) => heard.push(typeof data === 'string' ? data : `${data.length} bytes`),
      ping: () => heard.push('ping'),
      close: (_socket, code) => heard.push(`close ${code}`),
    },
    { maxPayloadBytes },
    compression(options, codec),
  )
  server.endTurn()
  return { server, socket, connection, codec, heard }
}

describe('messages in', () => {
  test('are inflated, whole or in fragments with control frames between', () => {
    const { socket, heard } = open()
    const payload = deflated('Hello Hello Hello')
    socket.receive(clientFrame(1, payload, { rsv: RSV1 }))
    socket.receive(clientFrame(2, payload, { rsv: RSV1 }))
    socket.receive(
      concat(
        clientFrame(1, payload.subarray(0, 3), { rsv: RSV1, fin: false }),
        clientFrame(9, 'ping'),
        clientFrame(0, payload.subarray(3)),
      ),
    )
    socket.receive(clientFrame(1, 'as it is'))
    assert.deepEqual(heard, ['Hello Hello Hello', '17 bytes', 'ping', 'Hello Hello Hello', 'as it is'])
  })

  test('may be empty, in one byte or none', () => {
    const { socket, heard } = open()
    socket.receive(concat(clientFrame(1, hex('00'), { rsv: RSV1 }), clientFrame(1, '', { rsv: RSV1 })))
    assert.deepEqual(heard, ['', ''])
  })

  test('refer to earlier ones only with takeover', () => {
    const history = Buffer.from('a long text to refer to')
    for (const [options, expected] of [
      [BOTH, [history.toString(), history.toString()]],
      [{}, [history.toString(), 'close 1007']],
    ] as const) {
      const { socket, heard, server } = open(options)
      socket.receive(message(history.toString()))
      socket.receive(message(history.toString(), history))
      server.endTurn()
      socket.handleClose()
      assert.deepEqual(heard.slice(0, 2), expected)
    }
  })

  test('that are inflated later stop what is behind them', () => {
    const { socket, connection, codec, heard } = open(BOTH)
    const [first, second] = [large(1), large(2)]
    const bytes = concat(
      message(first),
      clientFrame(9, 'x'),
      message(second, Buffer.from(first)),
      clientFrame(1, 'end'),
    )
    socket.receive(bytes.subarray(0, -3))
    socket.receive(bytes.subarray(-3))
    assert.ok(connection.isPaused)
    assert.deepEqual(heard, [])
    codec.finish()
    assert.ok(connection.isPaused)
    assert.deepEqual(heard, [first, 'ping'])
    codec.finish()
    assert.ok(!connection.isPaused)
    assert.deepEqual(heard, [first, 'ping', second, 'end'])
  })

  test('in large numbers let others have their turn in between', () => {
    const { socket, connection, codec, heard } = open()
    const frame = message('tiny')
    socket.receive(concat(...Array.from({ length: 300 }, () => frame)))
    assert.equal(heard.length, 128)
    assert.ok(connection.isPaused)
    codec.finish()
    assert.equal(heard.length, 257)
    codec.finish()
    assert.equal(heard.length, 300)
    assert.ok(!connection.isPaused)
    assert.equal(codec.waiting.length, 0)
  })

  test('do not refer to memory that was only lent', () => {
    const { socket, codec, heard } = open()
    const bytes = concat(message(large(1)), message('short and short and short'))
    socket.receive(bytes)
    bytes.fill(0)
    codec.finish()
    assert.deepEqual(heard, [large(1), 'short and short and short'])
  })

  const violations: [name: string, bytes: Uint8Array, code: string, closeCode: number][] = [
    [
      'RSV1 on a continuation',
      concat(clientFrame(1, deflated('ab'), { rsv: RSV1, fin: false }), clientFrame(0, '', { rsv: RSV1 })),
      'FRAME_RESERVED_BITS',
      1002,
    ],
    [
      'RSV1 on a continuation of a plain message',
      concat(clientFrame(1, 'a', { fin: false }), clientFrame(0, '', { rsv: RSV1 })),
      'FRAME_RESERVED_BITS',
      1002,
    ],
    ['RSV1 on a ping', clientFrame(9, '', { rsv: RSV1 }), 'FRAME_RESERVED_BITS', 1002],
    ['RSV1 on a close frame', clientFrame(8, '', { rsv: RSV1 }), 'FRAME_RESERVED_BITS', 1002],
    ['RSV2', clientFrame(1, deflated('a'), { rsv: 6 }), 'FRAME_RESERVED_BITS', 1002],
    ['what is no DEFLATE data', clientFrame(1, hex('ffffff'), { rsv: RSV1 }), 'DEFLATE_INVALID', 1007],
    [
      'garbage behind the tail',
      clientFrame(1, concat(deflated('a'), hex('0000ffff'), hex('ee')), { rsv: RSV1 }),
      'DEFLATE_INVALID',
      1007,
    ],
    ['text that is not UTF-8', clientFrame(1, deflated(hex('c3')), { rsv: RSV1 }), 'TEXT_NOT_UTF8', 1007],
    [
      'more than maxPayloadBytes when inflated',
      clientFrame(2, deflated(new Uint8Array(60_001)), { rsv: RSV1 }),
      'MESSAGE_TOO_LARGE',
      1009,
    ],
    [
      'much more than maxPayloadBytes on the wire',
      clientFrame(2, new Uint8Array(70_000), { rsv: RSV1 }),
      'MESSAGE_TOO_LARGE',
      1009,
    ],
  ]
  for (const [name, bytes, code, closeCode] of violations) {
    test(`fail with ${name}, and what follows is ignored`, () => {
      const { server, socket, connection, codec, heard } = open(BOTH, new ManualCodec(), 60_000)
      socket.receive(concat(bytes, clientFrame(1, 'more'), message('more')))
      while (codec.waiting.length > 0) codec.finish()
      server.endTurn()
      assert.deepEqual(connection.events, [['close', closeCode, code]])
      assert.ok(connection.isEnded)
      assert.deepEqual(heard, [])
      assert.deepEqual(
        server.errors.map(({ error }) => (error as { code: string }).code),
        [code],
      )
    })
  }

  test('must not have RSV1 where compression was not agreed on', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    socket.receive(message('a'))
    server.endTurn()
    assert.deepEqual(connection.events, [['close', 1002, 'FRAME_RESERVED_BITS']])
  })

  test('are forgotten when the socket is terminated or lost meanwhile', () => {
    for (const end of ['terminate', 'handleClose'] as const) {
      const { socket, codec, heard } = open()
      socket.receive(concat(message(large(1)), message('behind')))
      socket[end]()
      codec.finish()
      if (end === 'terminate') socket.handleClose()
      assert.deepEqual(heard, ['close 1006'])
    }
  })

  test('are dropped when the app closes meanwhile, and the close frame behind them is heard', () => {
    const { server, socket, connection, codec, heard } = open()
    socket.receive(concat(message(large(1)), clientFrame(8, hex('0fa1'))))
    socket.close(4000)
    codec.finish()
    server.endTurn()
    assert.ok(connection.isEnded)
    socket.handleClose()
    assert.deepEqual(heard, ['close 4001'])
  })

  test('are waited for, however long: the pong of the peer is behind them', () => {
    const { server, socket, connection, codec, heard } = open()
    socket.receive(message(large(1)))
    server.advance(120_000)
    assert.ok(!connection.isDestroyed)
    codec.finish()
    assert.deepEqual(heard, [large(1)])
    server.advance(39_000)
    assert.ok(!connection.isDestroyed)
    server.advance(3_000)
    assert.ok(connection.isDestroyed)
  })

  test('come before the end of the connection', () => {
    const { server, socket, connection, codec, heard } = open()
    socket.receive(concat(message(large(1)), message('behind')))
    socket.handleEnd()
    assert.ok(!connection.isEnded)
    codec.finish()
    server.endTurn()
    assert.ok(connection.isEnded)
    assert.deepEqual(heard, [large(1), 'behind'])
  })

  test('end the socket with 1011 when memory runs out', () => {
    const { server, socket, connection, codec } = open()
    codec.isBroken = true
    socket.receive(message(large(1)))
    codec.finish()
    server.endTurn()
    assert.deepEqual(connection.events, [['close', 1011, 'INTERNAL']])
  })
})

describe('messages out', () => {
  test('are deflated from the threshold on, where that makes them smaller', () => {
    const { server, socket, connection } = open({ thresholdBytes: 20 })
    socket.send('x'.repeat(19))
    socket.send('x'.repeat(20))
    socket.send('é'.repeat(10))
    socket.send(new Uint8Array(20))
    socket.send('a1b2c3d4e5f6g7h8i9j0')
    socket.send('')
    server.endTurn()
    const kinds = connection.events.map(([kind]) => kind)
    assert.deepEqual(kinds, ['text', 'deflated text', 'deflated text', 'deflated binary', 'text', 'text'])
    assert.equal(connection.writes.length, 1)
  })

  for (const hasTakeover of [true, false]) {
    test(`keep their order ${hasTakeover ? 'with' : 'without'} takeover, small, large, plain and control`, () => {
      const { server, socket, connection, codec } = open({
        thresholdBytes: 10,
        serverNoContextTakeover: !hasTakeover,
      })
      const sent: string[] = []
      const send = (text: string): void => {
        sent.push(text)
        socket.send(text)
      }
      send('small small small')
      send(large(1))
      send('small small small')
      send('plain')
      send(large(1))
      server.endTurn()
      send(large(2))
      send('end')
      socket.ping('p')
      server.endTurn()
      const client = new InflatingClient(hasTakeover)
      assert.ok(socket.bufferedAmount > 3 * large(1).length - 1_000)
      assert.deepEqual(new InflatingClient(hasTakeover).texts(connection.events), sent.slice(0, 1))
      // Not in the order that they were begun.
      codec.finish(2)
      codec.finish(1)
      assert.equal(connection.events.length, 1)
      codec.finish()
      assert.deepEqual(client.texts(connection.events), sent)
      assert.equal(client.deflatedCount, 5)
      assert.deepEqual(connection.events.at(-1), ['ping', '70'])
      assert.equal(socket.bufferedAmount, 0)
      if (!hasTakeover) return
      const sizes = connection.events.flatMap((event) =>
        event[0] === 'deflated text' ? [event[1].length] : [],
      )
      assert.ok(sizes[3]! < sizes[1]! / 10, 'a repeated message refers to the first')
    })
  }

  test('tell of backpressure while they are deflated, and of its end', () => {
    const server = new FakeServer()
    const codec = new ManualCodec()
    let drains = 0
    const { socket, connection } = server.open(
      { drain: () => drains++ },
      { maxBackpressureBytes: 200_000, backpressurePolicy: 'drop' },
      compression({}, codec),
    )
    const text = 'x'.repeat(70_000)
    assert.equal(socket.send(text), 'queued')
    assert.equal(socket.send(text), 'queued')
    assert.equal(socket.send(text), 'dropped')
    server.endTurn()
    codec.finish()
    assert.equal(drains, 0)
    codec.finish()
    assert.equal(drains, 1)
    assert.equal(connection.events.length, 2)
    assert.equal(socket.send('x'), 'sent')
  })

  test('go before the close frame, and the connection ends behind it', () => {
    const { server, socket, connection, codec } = open()
    socket.send(large(1))
    socket.close(4000)
    server.endTurn()
    socket.receive(clientFrame(8, hex('0fa0')))
    server.endTurn()
    assert.equal(connection.events.length, 0)
    assert.ok(!connection.isEnded)
    codec.finish()
    assert.deepEqual(
      connection.events.map(([kind]) => kind),
      ['deflated text', 'close'],
    )
    assert.ok(connection.isEnded)
  })

  test('are forgotten when the socket is terminated', () => {
    const { server, socket, connection, codec } = open()
    socket.send(large(1))
    socket.send('behind')
    server.endTurn()
    socket.terminate()
    assert.equal(codec.waiting.length, 1)
    codec.finish()
    socket.handleClose()
    assert.deepEqual(connection.events, [])
    assert.equal(socket.bufferedAmount, 0)
  })

  test('go as they are when memory runs out, or end the socket where others refer to them', () => {
    for (const hasTakeover of [false, true]) {
      const { server, socket, connection, codec } = open({
        thresholdBytes: 10,
        serverNoContextTakeover: !hasTakeover,
      })
      codec.isBroken = true
      socket.send('small '.repeat(100))
      socket.send(large(1))
      server.endTurn()
      codec.finish()
      if (hasTakeover) assert.ok(connection.isDestroyed)
      else assert.deepEqual(connection.texts, ['small '.repeat(100), large(1)])
    }
  })
})
