import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { clientFrame } from '../../conformance/wire/frames.ts'
import type { SocketClient } from '../../conformance/wire/socket-client.ts'
import { skipOn } from '../../skip-on.ts'
import { FloodProcess } from './flood-process.ts'
import { MAX_BACKPRESSURE_BYTES, MESSAGE_CHARACTERS, ROUND_MESSAGES } from './flood-limits.ts'

/** What the server may use more than before, at any time of a flood; the floods are several times as large when kept. */
const MAX_GROWTH_BYTES = 100_000_000
/** Frames in one write of a flood. */
const CHUNK_FRAMES = 10_000

let server: FloodProcess

describe('a flood', () => {
  before(async () => {
    server = await FloodProcess.start()
  })
  after(() => server.stop())

  for (const { name, target, first, frame, frames, code } of [
    {
      name: 'of empty messages beyond the rate of the route',
      target: '/sink-rated',
      frame: clientFrame(0x81),
      frames: 1_000_000,
      code: 'SOCKET_RATE_EXCEEDED',
    },
    {
      name: 'of pings, beyond the rate that is usual',
      target: '/sink',
      frame: clientFrame(0x89, Buffer.from('anybody there?')),
      frames: 500_000,
      code: 'SOCKET_RATE_EXCEEDED',
    },
    {
      name: 'of pongs that nobody asked for',
      target: '/sink',
      frame: clientFrame(0x8a),
      frames: 500_000,
      code: 'SOCKET_RATE_EXCEEDED',
    },
    {
      name: 'of fragments of one byte, in one message',
      target: '/sink',
      first: clientFrame(0x01, Buffer.from('a')),
      frame: clientFrame(0x00, Buffer.from('b')),
      frames: 500_000,
      code: 'FRAGMENTS_TOO_MANY',
    },
    {
      name: 'of fragments without bytes',
      target: '/sink',
      first: clientFrame(0x01),
      frame: clientFrame(0x00),
      frames: 100_000,
      code: 'FRAGMENTS_EMPTY',
    },
  ] as { name: string; target: string; first?: Buffer; frame: Buffer; frames: number; code: string }[]) {
    const skip = code.startsWith('FRAGMENTS_') && skipOn('bun', 'Bun does not tell of fragments')
    test(`${name}: 1008 ${code}, memory is bounded, a bystander is served`, { skip }, async () => {
      const start = await server.measure()
      const client = await server.open(target)
      const chunk = Buffer.concat(Array.from({ length: CHUNK_FRAMES }, () => frame))
      if (first !== undefined) await client.tcp.write(first)
      const close = takeCloseReason(client)
      for (let sent = 0; sent < frames; sent += CHUNK_FRAMES) {
        await client.tcp.write(chunk)
        if (sent % (20 * CHUNK_FRAMES) !== 0) continue
        await server.serveBystander()
        const { rssBytes } = await server.measure()
        assert.ok(rssBytes - start.rssBytes < MAX_GROWTH_BYTES, `${rssBytes - start.rssBytes} bytes more`)
      }
      assert.deepEqual(await close, { code: 1008, reason: code })
      await server.serveBystander()
      await client.tcp.close()
    })
  }

  test('of empty messages where no rate is exceeded: all are taken, a bystander is served', async () => {
    const start = await server.measure()
    const client = await server.open('/sink')
    const chunk = Buffer.concat(Array.from({ length: CHUNK_FRAMES }, () => clientFrame(0x82)))
    for (let i = 0; i < 20; i++) {
      await client.tcp.write(chunk)
      await server.serveBystander()
    }
    await client.close()
    const end = await server.measure()
    assert.equal(end.stats.messagesIn - start.stats.messagesIn, 20 * CHUNK_FRAMES + 20)
    assert.equal(end.stats.socketsClosedForRate, start.stats.socketsClosedForRate)
    assert.ok(end.rssBytes - start.rssBytes < MAX_GROWTH_BYTES)
  })
})

describe('subscribers that stop reading', () => {
  before(async () => {
    server = await FloodProcess.start()
  })
  after(() => server.stop())

  const STALLED = 5
  const READERS = 5
  /** More than the operating system takes for a connection that is not read. */
  const MAX_ROUNDS = 400

  interface Feed {
    readonly stalled: readonly SocketClient[]
    readonly readers: readonly SocketClient[]
    /** Publishes a round; every reader must get all of it, in order. */
    readonly round: () => Promise<void>
    /** Number of the message that is published next. */
    readonly next: () => number
  }

  async function openFeed(target: string): Promise<Feed> {
    const open = (count: number): Promise<SocketClient[]> =>
      Promise.all(Array.from({ length: count }, () => server.open(target)))
    const [stalled, readers] = [await open(STALLED), await open(READERS)]
    for (const { tcp } of stalled) tcp.socket.pause()
    const publisher = readers[0] as SocketClient
    let next = -1
    const round = async (): Promise<void> => {
      await publisher.sendText('more')
      const begin = next
      for (const reader of readers) {
        let expected = begin
        for (let i = 0; i < ROUND_MESSAGES; i++) {
          const number = numberOf(await reader.takeText())
          if (expected !== -1) assert.equal(number, expected)
          expected = number + 1
        }
        next = expected
      }
    }
    return { stalled, readers, round, next: () => next }
  }

  async function end({ stalled, readers }: Feed): Promise<void> {
    await Promise.all([...stalled, ...readers].map((client) => client.tcp.close()))
  }

  /** What waits is bounded by the limit and what one turn adds to it. */
  function assertBounded(bufferedBytes: number): void {
    const most = STALLED * (MAX_BACKPRESSURE_BYTES + ROUND_MESSAGES * (MESSAGE_CHARACTERS + 4))
    assert.ok(bufferedBytes <= most, `${bufferedBytes} bytes wait, ${most} at most`)
  }

  test('are closed with 1013 by the policy close; the others get everything, in order', async () => {
    const start = await server.measure()
    const feed = await openFeed('/feed-close')
    let closed = 0
    for (let rounds = 0; closed < STALLED; rounds++) {
      assert.ok(rounds < MAX_ROUNDS, `${closed} closed after ${rounds} rounds`)
      await feed.round()
      const { stats, rssBytes } = await server.measure()
      closed = stats.socketsClosedForBackpressure - start.stats.socketsClosedForBackpressure
      assertBounded(stats.bufferedBytes)
      assert.ok(rssBytes - start.rssBytes < MAX_GROWTH_BYTES, `${rssBytes - start.rssBytes} bytes more`)
    }
    await feed.round()
    await server.serveBystander()
    await end(feed)
  })

  test('lose messages by the policy drop, none of them cut; the others get everything, in order', async () => {
    const start = await server.measure()
    const feed = await openFeed('/feed-drop')
    // Until each has lost at least one round.
    for (let rounds = 0, lost = 0; lost < STALLED * ROUND_MESSAGES * 2; rounds++) {
      assert.ok(rounds < MAX_ROUNDS, `${lost} messages lost after ${rounds} rounds`)
      await feed.round()
      const { stats, rssBytes } = await server.measure()
      lost = stats.messagesDropped - start.stats.messagesDropped
      assertBounded(stats.bufferedBytes)
      assert.ok(rssBytes - start.rssBytes < MAX_GROWTH_BYTES, `${rssBytes - start.rssBytes} bytes more`)
    }
    for (const { tcp } of feed.stalled) tcp.socket.resume()
    while ((await server.measure()).stats.bufferedBytes > 0);
    // They keep up again, so they get this round.
    await feed.round()
    for (const client of feed.stalled) {
      let last = -1
      let count = 0
      while (last < feed.next() - 1) {
        for (const number of await takeNumbers(client)) {
          assert.ok(number > last, `${number} after ${last}`)
          last = number
          count++
        }
      }
      assert.ok(count <= last, 'nothing was lost')
    }
    const { stats } = await server.measure()
    assert.equal(stats.socketsClosedForBackpressure - start.stats.socketsClosedForBackpressure, 0)
    await server.serveBystander()
    await end(feed)
  })
})

/** Every frame has a header of four bytes: a length in 16 bits. */
const FRAME_BYTES = MESSAGE_CHARACTERS + 4

/** The numbers of all messages that are there, at least of one. */
async function takeNumbers({ tcp }: SocketClient): Promise<number[]> {
  const count = Math.max(1, Math.floor(tcp.available / FRAME_BYTES))
  const bytes = await tcp.take(count * FRAME_BYTES)
  return Array.from({ length: count }, (_, index) => {
    const frame = bytes.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES)
    assert.deepEqual([frame[0], frame[1], frame.readUInt16BE(2)], [0x81, 126, MESSAGE_CHARACTERS])
    return numberOf(frame.toString('latin1', 4))
  })
}

function numberOf(text: string): number {
  assert.equal(text.length, MESSAGE_CHARACTERS)
  return Number(text)
}

/** Reads up to the close frame; pongs may come before it. */
async function takeCloseReason(client: SocketClient): Promise<{ code: number; reason: string }> {
  for (;;) {
    const { first, payload } = await client.takeFrame()
    if (first === 0x88) return { code: payload.readUInt16BE(), reason: payload.toString('utf8', 2) }
    assert.equal(first, 0x8a)
  }
}
