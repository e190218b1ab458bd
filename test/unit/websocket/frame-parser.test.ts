import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FrameParser, MAX_EMPTY_FRAGMENTS } from '../../../src/websocket/frame-parser.ts'
import { clientFrame, concat, hex } from './client-frame.ts'
import { cut, parseChunks, parseEveryWay, RecordingSink, type ParserEvent } from './parse-stream.ts'

function expectEvents(stream: Uint8Array, expected: ParserEvent[], options = {}): void {
  parseEveryWay(stream, (events, way) => assert.deepEqual(events, expected, way), options)
}

describe('a frame parser', () => {
  test('reads the examples of RFC 6455 section 5.7', () => {
    expectEvents(hex('818537fa213d7f9f4d5158'), [['text', 'Hello']])
    expectEvents(hex('818537fa213d7f9f4d5158 818537fa213d7f9f4d5158'), [
      ['text', 'Hello'],
      ['text', 'Hello'],
    ])
    expectEvents(hex('898537fa213d7f9f4d5158 8a8537fa213d7f9f4d5158'), [
      ['ping', '48656c6c6f'],
      ['pong', '48656c6c6f'],
    ])
    expectEvents(hex('810548656c6c6f'), [['text', 'Hello']], { sender: 'server' })
    expectEvents(hex('010348656c 80026c6f'), [['text', 'Hello']], { sender: 'server' })
  })

  test('reads every length around the borders of its encodings', () => {
    for (const length of [0, 1, 3, 4, 5, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537]) {
      const payload = Uint8Array.from({ length }, (_, index) => index * 7 + length)
      const stream = concat(clientFrame(2, payload), clientFrame(9, 'end'))
      const expected: ParserEvent[] = [
        ['binary', Buffer.from(payload).toString('hex')],
        ['ping', '656e64'],
      ]
      for (const size of [stream.length, length < 1_000 ? 1 : 1_021, 4_099, 65_536]) {
        assert.deepEqual(parseChunks(cut(stream, size)), expected, `${length} in pieces of ${size}`)
      }
    }
  })

  test('unmasks wherever in memory a payload lies and however it is cut', () => {
    const payload = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251)
    const frame = clientFrame(2, payload, { mask: [1, 2, 3, 254] })
    for (let offset = 0; offset < 8; offset++) {
      const memory = new Uint8Array(frame.length + 8)
      memory.set(frame, offset)
      const sink = new RecordingSink()
      new FrameParser({ sender: 'client', maxPayloadBytes: 1_000 }).push(
        memory.subarray(offset, offset + frame.length),
        sink,
      )
      assert.deepEqual(sink.events, [['binary', Buffer.from(payload).toString('hex')]])
    }
    for (let size = 1; size < 300; size++) {
      assert.deepEqual(parseChunks(cut(frame, size)), [['binary', Buffer.from(payload).toString('hex')]])
    }
  })

  test('reads fragmented messages with control frames in between', () => {
    const stream = concat(
      clientFrame(1, 'Grü', { fin: false }),
      clientFrame(9, 'a'),
      clientFrame(0, '', { fin: false }),
      clientFrame(10, ''),
      clientFrame(0, 'ße'),
      clientFrame(2, Uint8Array.of(1, 2), { fin: false }),
      clientFrame(0, Uint8Array.of(3)),
      clientFrame(1, '', { fin: false }),
      clientFrame(0, ''),
    )
    expectEvents(stream, [
      ['ping', '61'],
      ['pong', ''],
      ['text', 'Grüße'],
      ['binary', '010203'],
      ['text', ''],
    ])
  })

  test('reads short messages in a row, whatever is among them', () => {
    const texts = Array.from(
      { length: 200 },
      (_, index) => `${'x'.repeat(index % 30)}${index % 7 === 6 ? 'é' : ''}${index}`,
    )
    const frames = texts.map((text, index) => clientFrame(1, text, { mask: [index, 255 - index, 0, 7] }))
    const expected = texts.map((text): ParserEvent => ['text', text])
    expectEvents(concat(...frames), expected)
    for (const [odd, event] of [
      [clientFrame(2, Uint8Array.of(1)), ['binary', '01']],
      [clientFrame(9, 'p'), ['ping', '70']],
      [clientFrame(1, 'y'.repeat(126)), ['text', 'y'.repeat(126)]],
      [concat(clientFrame(1, 'y', { fin: false }), clientFrame(0, 'z')), ['text', 'yz']],
    ] as const) {
      const stream = concat(...frames.slice(0, 20), odd, ...frames.slice(20, 40))
      expectEvents(stream, [...expected.slice(0, 20), event, ...expected.slice(20, 40)])
    }
    for (const [bad, code] of [
      [clientFrame(1, hex('c3')), 'TEXT_NOT_UTF8'],
      [clientFrame(1, 'x', { mask: false }), 'FRAME_MASK_INVALID'],
      [clientFrame(1, 'x', { lengthBytes: 2 }), 'FRAME_LENGTH_INVALID'],
    ] as const) {
      const stream = concat(...frames.slice(0, 5), bad, ...frames.slice(5, 10))
      parseEveryWay(stream, (events) => {
        assert.deepEqual(events.slice(0, 5), expected.slice(0, 5))
        assert.deepEqual(
          events.slice(5).map((event) => event[1]),
          [code],
        )
      })
    }
    // Where the limit is lower than what a short length allows, each is held against it.
    expectEvents(
      concat(clientFrame(1, 'abc'), clientFrame(1, 'abcd')),
      [
        ['text', 'abc'],
        ['error', 'MESSAGE_TOO_LARGE', 1009],
      ],
      { maxPayloadBytes: 3 },
    )
  })

  test('keeps characters that are cut apart by fragments, byte order marks and NUL', () => {
    const text = '\u{feff}κό𝄞\0é'
    const bytes = new TextEncoder().encode(text)
    for (let at = 0; at <= bytes.length; at++) {
      const stream = concat(
        clientFrame(1, bytes.subarray(0, at), { fin: false }),
        clientFrame(0, bytes.subarray(at)),
      )
      expectEvents(stream, [['text', text]])
    }
    expectEvents(clientFrame(1, text), [['text', text]])
  })

  test('gives binary messages memory that a later chunk does not change', () => {
    const parser = new FrameParser({ sender: 'client', maxPayloadBytes: 100 })
    const messages: unknown[] = []
    const sink = Object.assign(new RecordingSink(), {
      onMessage: (message: unknown) => messages.push(message),
    })
    const frame = clientFrame(2, Uint8Array.of(1, 2, 3, 4))
    parser.push(frame.slice(0, 8), sink)
    parser.push(frame.slice(8), sink)
    parser.push(clientFrame(2, Uint8Array.of(5, 6, 7)), sink)
    assert.deepEqual(messages, [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7)])
  })

  test('refuses reserved bits', () => {
    for (const rsv of [1, 2, 3, 4, 5, 6, 7]) {
      for (const opcode of [0, 1, 2, 8, 9, 10]) {
        expectEvents(clientFrame(opcode, 'x', { rsv }), [['error', 'FRAME_RESERVED_BITS', 1002]])
      }
    }
  })

  test('refuses reserved opcodes', () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      expectEvents(clientFrame(opcode, 'x'), [['error', 'FRAME_OPCODE_UNKNOWN', 1002]])
    }
  })

  test('wants masks from clients and none from servers', () => {
    expectEvents(clientFrame(1, 'x', { mask: false }), [['error', 'FRAME_MASK_INVALID', 1002]])
    expectEvents(clientFrame(8, '', { mask: false }), [['error', 'FRAME_MASK_INVALID', 1002]])
    expectEvents(clientFrame(1, 'x'), [['error', 'FRAME_MASK_INVALID', 1002]], { sender: 'server' })
  })

  test('refuses control frames that are fragmented or long', () => {
    for (const opcode of [8, 9, 10]) {
      expectEvents(clientFrame(opcode, '', { fin: false }), [['error', 'FRAME_CONTROL_INVALID', 1002]])
      const long = clientFrame(opcode, new Uint8Array(126))
      expectEvents(long, [['error', 'FRAME_CONTROL_INVALID', 1002]])
    }
    expectEvents(clientFrame(9, new Uint8Array(125)), [['ping', '00'.repeat(125)]])
  })

  test('refuses fragments out of sequence', () => {
    const error: ParserEvent = ['error', 'FRAME_SEQUENCE_INVALID', 1002]
    expectEvents(clientFrame(0, 'x'), [error])
    expectEvents(clientFrame(0, 'x', { fin: false }), [error])
    expectEvents(concat(clientFrame(1, 'x', { fin: false }), clientFrame(1, 'y')), [error])
    expectEvents(concat(clientFrame(2, 'x', { fin: false }), clientFrame(2, 'y', { fin: false })), [error])
    expectEvents(concat(clientFrame(1, 'x'), clientFrame(0, 'y')), [['text', 'x'], error])
    expectEvents(concat(clientFrame(1, 'x', { fin: false }), clientFrame(0, 'y'), clientFrame(0, 'z')), [
      ['text', 'xy'],
      error,
    ])
  })

  test('refuses lengths that are not encoded in the shortest way', () => {
    const error: ParserEvent = ['error', 'FRAME_LENGTH_INVALID', 1002]
    expectEvents(clientFrame(1, 'x', { lengthBytes: 2 }), [error])
    expectEvents(clientFrame(2, new Uint8Array(125), { lengthBytes: 2 }), [error])
    expectEvents(clientFrame(1, 'x', { lengthBytes: 8 }), [error])
    assert.deepEqual(parseChunks([clientFrame(2, new Uint8Array(65_535), { lengthBytes: 8 })]), [error])
  })

  test('refuses lengths with the highest bit, and beyond what a number holds', () => {
    expectEvents(hex('82ff 8000000000000000 00000000'), [['error', 'FRAME_LENGTH_INVALID', 1002]])
    expectEvents(hex('82ff ffffffffffffffff 00000000'), [['error', 'FRAME_LENGTH_INVALID', 1002]])
    expectEvents(hex('82ff 7fffffffffffffff 00000000'), [['error', 'MESSAGE_TOO_LARGE', 1009]])
    expectEvents(hex('82ff 0020000000000000 00000000'), [['error', 'MESSAGE_TOO_LARGE', 1009]])
  })

  test('refuses messages over the limit at their header, fragments summed up', () => {
    const error: ParserEvent = ['error', 'MESSAGE_TOO_LARGE', 1009]
    const options = { maxPayloadBytes: 10 }
    expectEvents(clientFrame(1, '0123456789'), [['text', '0123456789']], options)
    expectEvents(clientFrame(1, '0123456789a').subarray(0, 6), [error], options)
    const six = clientFrame(2, new Uint8Array(6), { fin: false })
    expectEvents(concat(six, clientFrame(0, new Uint8Array(4))), [['binary', '00'.repeat(10)]], options)
    expectEvents(concat(six, clientFrame(0, new Uint8Array(5)).subarray(0, 6)), [error], options)
    // The limit is for one message, not for the connection, and not for control frames.
    const text = clientFrame(1, '0123456789')
    const ping = clientFrame(9, '0123456789abcdef')
    expectEvents(
      concat(text, ping, text),
      [
        ['text', '0123456789'],
        ['ping', '30313233343536373839616263646566'],
        ['text', '0123456789'],
      ],
      options,
    )
  })

  test('bounds the empty fragments of a message', () => {
    const empty = clientFrame(0, '', { fin: false })
    const start = clientFrame(1, 'a', { fin: false })
    const flood = concat(start, ...Array.from({ length: MAX_EMPTY_FRAGMENTS }, () => empty))
    assert.deepEqual(parseChunks([concat(flood, clientFrame(0, 'b'), flood, clientFrame(0, 'b'))]), [
      ['text', 'ab'],
      ['text', 'ab'],
    ])
    for (const size of [1, 100_000]) {
      assert.deepEqual(parseChunks(cut(concat(flood, empty), size)), [['error', 'FRAGMENTS_EMPTY', 1008]])
    }
  })

  test('takes a message of very many short fragments', () => {
    const one = clientFrame(0, 'x', { fin: false })
    const stream = concat(
      clientFrame(1, '', { fin: false }),
      ...Array.from({ length: 70_000 }, () => one),
      clientFrame(0, ''),
    )
    assert.deepEqual(parseChunks([stream]), [['text', 'x'.repeat(70_000)]])
  })

  test('fails invalid UTF-8 before the frame or message has ended', () => {
    const error: ParserEvent = ['error', 'TEXT_NOT_UTF8', 1007]
    // Autobahn 6.4.1: the second fragment makes it invalid, the third never comes.
    const valid = hex('ce ba e1 bd b9 cf 83 ce bc ce b5')
    const prefix = clientFrame(1, valid, { fin: false })
    expectEvents(concat(prefix, clientFrame(0, hex('f4 90 80 80'), { fin: false })), [error])
    // The first two bytes of a frame that announces more.
    expectEvents(clientFrame(1, concat(hex('f4 90'), new Uint8Array(100))).subarray(0, 8), [error])
    expectEvents(
      clientFrame(1, concat(valid, hex('ed a0'), new Uint8Array(100))).subarray(0, 6 + valid.length + 2),
      [error],
    )
    // A whole chunk of a longer frame, large enough for the native check.
    const large = concat(new TextEncoder().encode('é'.repeat(200)), hex('ff'), new Uint8Array(500))
    expectEvents(clientFrame(1, large).subarray(0, 8 + 401), [error])
    expectEvents(clientFrame(1, large).subarray(0, 8 + 400), [])
  })

  test('refuses every kind of invalid UTF-8 in text, and none of it in binary', () => {
    for (const bad of [
      '80',
      'bf',
      'c0 80',
      'c1 bf',
      'c2',
      'e0 80 80',
      'e0 9f bf',
      'ed a0 80',
      'ed bf bf',
      'f0 8f bf bf',
      'f4 90 80 80',
      'f5 80 80 80',
      'ff',
      'fe',
      'e2 82',
      'f0 9f 98',
      'c3 28',
      'e2 28 a1',
      'f0 28 8c bc',
      'f8 88 80 80 80',
    ]) {
      for (const prefix of ['', '41', 'c3 a9', '41'.repeat(130), 'c3a9'.repeat(70)]) {
        const payload = concat(hex(prefix), hex(bad))
        expectEvents(clientFrame(1, payload), [['error', 'TEXT_NOT_UTF8', 1007]])
        const fragments = concat(clientFrame(1, payload, { fin: false }), clientFrame(0, ''))
        expectEvents(fragments, [['error', 'TEXT_NOT_UTF8', 1007]])
        expectEvents(clientFrame(2, payload), [['binary', Buffer.from(payload).toString('hex')]])
      }
    }
  })

  test('reads close frames', () => {
    expectEvents(clientFrame(8), [['close', 1005, '']])
    expectEvents(clientFrame(8, hex('03e8')), [['close', 1000, '']])
    expectEvents(clientFrame(8, concat(hex('0fa0'), new TextEncoder().encode('tschüß'))), [
      ['close', 4000, 'tschüß'],
    ])
    const longest = concat(hex('03e9'), new Uint8Array(123).fill(0x41))
    expectEvents(clientFrame(8, longest), [['close', 1001, 'A'.repeat(123)]])
  })

  test('refuses close frames with one byte, an invalid code or an invalid reason', () => {
    const error: ParserEvent = ['error', 'CLOSE_FRAME_INVALID', 1002]
    expectEvents(clientFrame(8, hex('03')), [error])
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
      expectEvents(clientFrame(8, Uint8Array.of(code >> 8, code & 0xff)), [error])
    }
    expectEvents(clientFrame(8, hex('03e8 ce ba e1 bd b9 cf 83 f4 90 80 80')), [
      ['error', 'TEXT_NOT_UTF8', 1007],
    ])
  })

  test('ignores what follows a close frame or an error', () => {
    const text = clientFrame(1, 'late')
    expectEvents(concat(clientFrame(8), text, clientFrame(9)), [['close', 1005, '']])
    expectEvents(concat(clientFrame(3), text), [['error', 'FRAME_OPCODE_UNKNOWN', 1002]])
    const parser = new FrameParser({ sender: 'client', maxPayloadBytes: 10 })
    const sink = new RecordingSink()
    parser.push(clientFrame(8), sink)
    parser.push(text, sink)
    assert.deepEqual(sink.events, [['close', 1005, '']])
  })

  test('stops inside a chunk when it is told to', () => {
    const parser = new FrameParser({ sender: 'client', maxPayloadBytes: 10 })
    const sink = new RecordingSink()
    const stopping = Object.assign(Object.create(sink) as RecordingSink, {
      onMessage(message: string): void {
        sink.onMessage(message)
        parser.stop()
      },
    })
    parser.push(concat(clientFrame(1, 'one'), clientFrame(1, 'two')), stopping)
    assert.deepEqual(sink.events, [['text', 'one']])
  })

  test('keeps little of a frame that announces much', () => {
    const before = process.memoryUsage().arrayBuffers
    const parsers: FrameParser[] = []
    for (let i = 0; i < 200; i++) {
      const parser = new FrameParser({ sender: 'client', maxPayloadBytes: 1 << 30 })
      parser.push(hex('82ff 0000000040000000 00000000 01'), new RecordingSink())
      parsers.push(parser)
    }
    assert.equal(parsers.length, 200)
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000)
  })
})
