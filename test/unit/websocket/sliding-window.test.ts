import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SlidingWindow } from '../../../src/websocket/sliding-window.ts'

test('a sliding window keeps the end of all that was appended', () => {
  const window = new SlidingWindow(8)
  let all = Buffer.alloc(0)
  for (const size of [0, 1, 100, 50, 105, 1, 200, 256, 3, 1_000, 255, 2]) {
    const piece = Buffer.alloc(size, (size * 7) % 251)
    window.append(piece)
    all = Buffer.concat([all, piece])
    assert.deepEqual(Buffer.from(window.bytes), all.subarray(-256))
  }
})

test('a sliding window takes no memory for what was not said', () => {
  const window = new SlidingWindow(15)
  assert.equal(window.bytes.buffer.byteLength, 0)
  window.append(new Uint8Array(100))
  assert.ok(window.bytes.buffer.byteLength <= 1_024)
})
