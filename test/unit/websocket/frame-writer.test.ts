import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FrameWriter } from '../../../src/websocket/frame-writer.ts'
import { SliceList } from '../../../src/websocket/slice-list.ts'
import type { SocketMessage } from '../../../src/websocket/socket.ts'
import { concat, hex } from './client-frame.ts'

function written(slices: SliceList): Uint8Array {
  const bytes = new Uint8Array(slices.size)
  slices.copyTo(bytes, 0)
  return bytes
}

function encode(message: SocketMessage): Uint8Array {
  const slices = new SliceList()
  new FrameWriter().message(slices, message, 0)
  return written(slices)
}

/** The frame of RFC 6455 section 5.2, built apart from the engine. */
function expected(message: SocketMessage): Uint8Array {
  const payload = typeof message === 'string' ? new TextEncoder().encode(message) : message
  const { length } = payload
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = typeof message === 'string' ? 0x81 : 0x82
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return concat(head, payload)
}

describe('a frame writer', () => {
  test('writes the unmasked examples of RFC 6455 section 5.7', () => {
    assert.deepEqual(encode('Hello'), hex('810548656c6c6f'))
    assert.deepEqual(encode(new Uint8Array(256)).subarray(0, 4), hex('827e0100'))
    assert.deepEqual(encode(new Uint8Array(65_536)).subarray(0, 10), hex('827f0000000000010000'))
  })

  test('writes every length around the borders of the encodings, ASCII or not', () => {
    for (const length of [
      0, 1, 41, 42, 43, 62, 63, 64, 124, 125, 126, 127, 1_000, 10_922, 10_923, 16_383, 16_384, 21_845, 21_846,
      32_767, 32_768, 65_534, 65_535, 65_536, 65_537, 200_000,
    ]) {
      for (const text of ['a'.repeat(length), 'é'.repeat(length), '€'.repeat(length), '𝄞'.repeat(length)]) {
        assert.deepEqual(encode(text), expected(text), `${length} times ${text.slice(0, 2)}`)
      }
      const bytes = Uint8Array.from({ length }, (_, index) => index)
      assert.deepEqual(encode(bytes), expected(bytes), `${length} bytes`)
    }
  })

  test('replaces lone surrogates, which no UTF-8 can carry', () => {
    assert.deepEqual(encode('a\ud800b'), hex('8105 61efbfbd62'))
  })

  test('puts frames that are written in a row into one slice, slab after slab', () => {
    const writer = new FrameWriter()
    const slices = new SliceList()
    const messages = Array.from({ length: 5_000 }, (_, index) => `message ${index} ${'é'.repeat(index % 50)}`)
    for (const message of messages) writer.message(slices, message, 0)
    assert.ok(slices.count < 10)
    assert.deepEqual(written(slices), concat(...messages.map(expected)))
  })

  test('copies short binary payloads, so that they may be changed, and not long ones', () => {
    const writer = new FrameWriter()
    const slices = new SliceList()
    const short = Uint8Array.of(1, 2, 3)
    writer.message(slices, short, 0)
    short.fill(9)
    assert.deepEqual(written(slices), hex('8203010203'))
    const long = new Uint8Array(100_000)
    writer.message(slices, long, 0)
    assert.equal(slices.buffers[1], long)
  })

  test('writes control frames', () => {
    const slices = new SliceList()
    const writer = new FrameWriter()
    writer.control(slices, 0x8, hex('03e8'), 0)
    writer.control(slices, 0xa, new Uint8Array(125), 0)
    assert.deepEqual(written(slices), concat(hex('880203e8 8a7d'), new Uint8Array(125)))
  })
})

describe('memory that is lent', () => {
  /** The frame of a text, in memory that is lent. */
  function lend(writer: FrameWriter, text: string): Uint8Array {
    const slices = new SliceList()
    writer.lend()
    writer.message(slices, text, 0)
    return writer.viewOf(slices)
  }

  function textOf(frame: Uint8Array): string {
    return Buffer.from(frame.subarray(2)).toString()
  }

  test('is written over when it was taken back, and only then', () => {
    const writer = new FrameWriter()
    const first = lend(writer, 'one')
    const second = lend(writer, 'two')
    writer.takeBack()
    const third = lend(writer, 'six')
    assert.equal(textOf(first), 'one')
    assert.equal(textOf(second), 'six')
    assert.equal(textOf(third), 'six')
  })

  test('is not mistaken for what lies elsewhere', () => {
    const writer = new FrameWriter()
    for (const text of ['aaaa', 'bbbb']) {
      lend(writer, text)
      writer.takeBack()
    }
    writer.lend()
    const other = new SliceList()
    other.add(Buffer.from('HTTP01'), 0, 6, 0)
    assert.equal(Buffer.from(writer.viewOf(other)).toString(), 'HTTP01')

    const filling = new SliceList()
    for (let count = 0; count < 7; count++) writer.message(filling, new Uint8Array(8_188), 0)
    // Leaves 18 bytes, so the next text begins a slab, where the last one began its own.
    writer.message(filling, new Uint8Array(8_170), 0)
    assert.equal(textOf(lend(writer, 'cccc')), 'cccc')
  })
})
