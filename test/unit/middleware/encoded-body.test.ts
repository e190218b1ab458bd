import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import zlib from 'node:zlib'

import { EncodedBody, type StreamedBody } from '../../../src/middleware/compress/encoded-body.ts'
import { createEncoder, type Coding, type EncoderStream } from '../../../src/middleware/compress/encoders.ts'

/** An encoded body and the encoder streams that were made for it. */
function encoded(
  body: StreamedBody,
  coding: Coding = 'gzip',
): { body: EncodedBody; streams: EncoderStream[] } {
  const encoder = createEncoder(coding, 3)
  const streams: EncoderStream[] = []
  const createStream = (): EncoderStream => {
    const stream = encoder.createStream()
    streams.push(stream)
    return stream
  }
  return { body: new EncodedBody(body, { ...encoder, createStream }), streams }
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const DECODE = {
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
} as const

describe('EncodedBody', () => {
  for (const coding of ['br', 'zstd', 'gzip', 'deflate'] as const) {
    test(`encodes every kind of source with ${coding}`, async () => {
      const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)))
      const pieces = [noise, Buffer.alloc(300_000, 'x'), Buffer.alloc(0), Buffer.from('end')]
      async function* text(): AsyncGenerator<string | Uint8Array> {
        yield* ['ünï', '', 'cøde']
      }
      const sources: readonly (readonly [source: () => StreamedBody, content: Buffer])[] = [
        [() => Readable.from(pieces), Buffer.concat(pieces)],
        [() => new Blob(pieces).stream(), Buffer.concat(pieces)],
        [() => text(), Buffer.from('ünïcøde')],
        [() => new Blob([]).stream(), Buffer.alloc(0)],
      ]
      for (const [source, content] of sources) {
        const { body, streams } = encoded(source(), coding)
        assert.ok(DECODE[coding](await collect(body)).equals(content))
        assert.equal(streams.length, 1)
        assert.deepEqual(await body.next(), { done: true, value: undefined })
        // A stream that has ended frees itself in a later tick.
        if (streams[0]?.destroyed === false) await once(streams[0], 'close')
      }
    })
  }

  test('makes no encoder before it is read, and closes a source that never was', async () => {
    const readable = Readable.from(['x'])
    let cancelled = 0
    const stream = new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ })
    for (const source of [readable, stream]) {
      const { body, streams } = encoded(source)
      await body.return()
      assert.equal(streams.length, 0)
      assert.equal((await body.next()).done, true)
    }
    assert.equal(readable.destroyed, true)
    assert.equal(cancelled, 1)
  })

  test('frees encoder and source at once when the reader leaves, even if the source hangs', async () => {
    let returned = 0
    const source: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => {
        let count = 0
        return {
          next: () =>
            count++ === 0 ? Promise.resolve({ done: false, value: 'x' }) : new Promise(() => undefined),
          return: () => {
            returned++
            return Promise.resolve({ done: true, value: undefined })
          },
        }
      },
    }
    const { body, streams } = encoded(source)
    assert.equal((await body.next()).done, false)
    const pending = body.next()
    await turn()
    await body.return()
    assert.equal((await pending).done, true)
    assert.equal(returned, 1)
    assert.equal(streams[0]?.destroyed, true)
    await body.return()
    assert.equal(returned, 1)
  })

  test('frees all in the middle of a write', async () => {
    const { body, streams } = encoded(Readable.from([Buffer.alloc(10_000_000, 'x')]), 'br')
    const pending = body.next()
    await turn()
    await body.return()
    await pending
    assert.equal(streams[0]?.destroyed, true)
  })

  test('gives what came before an error, then the error, and frees all', async () => {
    const failure = new Error('source failed')
    async function* failing(): AsyncGenerator<string> {
      yield 'before'
      await turn()
      await turn()
      throw failure
    }
    const { body, streams } = encoded(failing())
    const chunks: Uint8Array[] = []
    await assert.rejects(async () => {
      for await (const chunk of body) chunks.push(chunk)
    }, failure)
    const gunzip = zlib.createGunzip()
    gunzip.write(Buffer.concat(chunks))
    const [text] = (await once(gunzip, 'data')) as [Buffer]
    assert.equal(text.toString(), 'before')
    assert.equal(streams[0]?.destroyed, true)
    assert.equal((await body.next()).done, true)
  })

  test('asks the source only when it is asked itself', async () => {
    let asked = 0
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          asked++
          return { done: false, value: crypto.getRandomValues(new Uint8Array(50_000)) }
        },
      }),
    }
    const { body } = encoded(source)
    for (let i = 0; i < 3; i++) {
      const before = asked
      await body.next()
      for (let n = 0; n < 20; n++) await turn()
      assert.ok(asked - before <= 3, `asked ${asked - before} times for one chunk`)
    }
    await body.return()
  })
})
