import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import * as fc from 'fast-check'

import { GoWebError } from '../../src/errors/goweb-error.ts'
import { loadFormParser } from '../../src/middleware/multipart/load-form-parser.ts'
import {
  DEFAULT_MULTIPART_LIMITS,
  type MultipartLimits,
} from '../../src/middleware/multipart/multipart-limits.ts'
import { MultipartParser } from '../../src/middleware/multipart/multipart-parser.ts'
import { safeFilename } from '../../src/middleware/multipart/safe-filename.ts'
import { fuzzOptions } from './fuzz-options.ts'

interface Part {
  readonly name: string
  readonly filename: string | undefined
  readonly content: Uint8Array
}

const create = (await loadFormParser())()

/** A body in chunks, and whether anybody gave it up. */
function bodyOf(
  bytes: Uint8Array,
  cuts: readonly number[],
): { stream: ReadableStream<Uint8Array>; isCancelled: () => boolean } {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.byteLength + 1)))].toSorted((a, b) => a - b)
  let isCancelled = false
  let from = 0
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const to = places.shift() ?? bytes.byteLength
        // A copy each time: a parser that kept a piece of a chunk would notice its reuse.
        if (to > from) controller.enqueue(bytes.slice(from, to))
        else if (to < bytes.byteLength) controller.enqueue(new Uint8Array(0))
        if (to === bytes.byteLength) controller.close()
        from = to
      },
      cancel() {
        isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, isCancelled: () => isCancelled }
}

/** How browsers write names (WHATWG HTML section 4.10.21.8). */
function escaped(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function encode(boundary: string, parts: readonly Part[]): Buffer {
  const pieces: (string | Uint8Array)[] = []
  for (const { name, filename, content } of parts) {
    const file = filename === undefined ? '' : `; filename="${escaped(filename)}"`
    pieces.push(
      `--${boundary}\r\ncontent-disposition: form-data; name="${escaped(name)}"${file}\r\n\r\n`,
      content,
      '\r\n',
    )
  }
  pieces.push(`--${boundary}--\r\n`)
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)))
}

async function parse(
  stream: ReadableStream<Uint8Array>,
  boundary: string,
  limits: MultipartLimits = DEFAULT_MULTIPART_LIMITS,
): Promise<unknown[]> {
  const seen: unknown[] = []
  for await (const part of new MultipartParser(
    stream,
    `multipart/form-data; boundary=${boundary}`,
    limits,
    create,
  )) {
    if (part.kind === 'field') seen.push([part.name, part.value])
    else seen.push([part.name, part.filename, Buffer.from(await part.bytes()).toString('hex')])
  }
  return seen
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'a;b', "it's", 'a=b', 'näme', '--x', '%22', ' '),
)
// What comes near a boundary without being one.
const piece = fc.constantFrom(
  '\r\n',
  '\r',
  '\n',
  '-',
  '--',
  '\r\n--',
  '\r\n--bound',
  '\r\n--boundar',
  'bound',
  'x',
  '\0',
  '\r\n\r\n',
)
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(piece, { maxLength: 20 }).map((pieces) => Uint8Array.from(Buffer.from(pieces.join('')))),
  fc.integer({ min: 16_000, max: 140_000 }).map((length) => new Uint8Array(length).fill(120)),
)
const boundary = fc.constantFrom('boundary', '----WebKitFormBoundaryAb12', 'x', "a'b+c")

describe('multipart', () => {
  test('gives the parts that were sent, however the chunks are cut', async () => {
    const name = text.filter((one) => !one.includes('\\'))
    const part = fc.record({ name, filename: fc.option(name, { nil: undefined }), content })
    await fc.assert(
      fc.asyncProperty(
        boundary,
        fc.array(part, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        async (mark, parts, cuts) => {
          const isInside = parts.some(({ content: bytes }) =>
            Buffer.concat([Buffer.from('\r\n'), bytes]).includes(`\r\n--${mark}`),
          )
          fc.pre(!isInside)
          const expected = parts.map((one) =>
            one.filename === undefined
              ? [escaped(one.name), Buffer.from(one.content).toString()]
              : [
                  escaped(one.name),
                  safeFilename(escaped(one.filename)),
                  Buffer.from(one.content).toString('hex'),
                ],
          )
          const limits = { ...DEFAULT_MULTIPART_LIMITS, fieldBytes: 200_000 }
          const { stream } = bodyOf(encode(mark, parts), cuts)
          assert.deepEqual(await parse(stream, mark, limits), expected)
        },
      ),
      fuzzOptions(500),
    )
  })

  test('refuses or reads damaged forms, in bounded time, and gives the body up', async () => {
    const parts: Part[] = [
      { name: 'a', filename: undefined, content: Buffer.from('value') },
      { name: 'f', filename: 'f.bin', content: Buffer.from('x'.repeat(100)) },
      { name: 'b', filename: undefined, content: Buffer.from('\r\n--bound') },
    ]
    const whole = encode('boundary', parts)
    const damage = fc.record({
      at: fc.nat(whole.byteLength - 1),
      drop: fc.nat(20),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc
          .constantFrom(
            '\r\n',
            '--boundary',
            '\r\n--boundary\r\n',
            '--boundary--',
            'content-',
            ':',
            '"',
            '\0',
            ';',
          )
          .map((one) => Buffer.from(one)),
      ),
    })
    const limits = {
      ...DEFAULT_MULTIPART_LIMITS,
      files: 2,
      fields: 3,
      parts: 4,
      fieldBytes: 50,
      fileBytes: 150,
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(whole.byteLength), { nil: undefined }),
        fc.array(fc.nat(), { maxLength: 20 }),
        async (damages, length, cuts) => {
          let bytes: Buffer = whole
          for (const { at, drop, insert } of damages) {
            bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + drop)])
          }
          const { stream, isCancelled } = bodyOf(
            length === undefined ? bytes : bytes.subarray(0, length),
            cuts,
          )
          try {
            await parse(stream, 'boundary', limits)
          } catch (error) {
            assert.ok(error instanceof GoWebError, String(error))
            assert.match(error.code, /^MULTIPART_/)
            assert.ok(error.status === 400 || error.status === 413)
            // A body that was read to its end has nothing to give up.
            assert.ok(isCancelled() || stream.locked)
          }
        },
      ),
      fuzzOptions(3_000),
    )
  })

  test('agrees with the form parser of the platform', async () => {
    const name = fc
      .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 10 })
      .filter((one) => !/[\\%]/.test(one))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.string({ unit: 'grapheme', maxLength: 40 })), {
          minLength: 1,
          maxLength: 5,
        }),
        async (fields) => {
          const form = new FormData()
          for (const [key, value] of fields) form.append(key, value)
          const response = new Response(form)
          const mark = /boundary="?([^"]+)"?/.exec(response.headers.get('content-type') ?? '')?.[1] ?? ''
          const bytes = new Uint8Array(await response.arrayBuffer())
          const headers = { 'content-type': `multipart/form-data; boundary=${mark}` }
          const theirs = await new Response(bytes, { headers }).formData()
          // Only names with quotes differ: the platform takes the escapes back, which no server can know to be any.
          const unescaped = [...theirs].map(([key, value]) => [escaped(key), value])
          assert.deepEqual(await parse(bodyOf(bytes, [7, 50]).stream, mark), unescaped)
        },
      ),
      fuzzOptions(500),
    )
  })
})
