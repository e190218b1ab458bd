import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { multipart, type MultipartOptions } from 'goweb/middleware/multipart'
import { hasCode } from '../unit/http/has-code.ts'
import { problemOf } from './answer.ts'
import { onBoth, signal } from './on-both.ts'

const folder = mkdtempSync(join(tmpdir(), 'goweb-multipart-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const TYPE = 'multipart/form-data; boundary=xyz'

/** A form of fields and files, as bytes to send. */
function form(...parts: readonly (readonly [disposition: string, content: string])[]): {
  headers: { 'content-type': string }
  body: Buffer
} {
  const lines = parts.flatMap(([disposition, content]) => [
    '--xyz',
    `content-disposition: form-data; ${disposition}`,
    '',
    content,
  ])
  return { headers: { 'content-type': TYPE }, body: Buffer.from([...lines, '--xyz--', ''].join('\r\n')) }
}

describe('multipart', () => {
  onBoth('reads a small form as FormData', async (world) => {
    const app = world
      .makeApp()
      .use(multipart())
      .post('/', async (c) => {
        const data = await c.multipart.formData()
        const file = data.get('file') as File
        return c.json({
          names: [...data.keys()],
          tags: data.getAll('tag'),
          odd: data.get('__proto__'),
          file: [file.name, file.type, await file.text()],
        })
      })
    const client = await world.serve(app)
    const answer = await client.send(
      'POST /',
      form(
        ['name="tag"', 'one'],
        ['name="tag"', 'zwei ü'],
        ['name="__proto__"', 'harmless'],
        [
          'name="file"; filename="..\\..\\evil/../naïve \u202etxt.exe"\r\ncontent-type: text/x-test',
          'hello\r\nworld',
        ],
      ),
    )
    assert.deepEqual(answer.json, {
      names: ['tag', 'tag', '__proto__', 'file'],
      tags: ['one', 'zwei ü'],
      odd: 'harmless',
      file: ['naïve _txt.exe', 'text/x-test', 'hello\r\nworld'],
    })
  })

  onBoth('reads what FormData of the platform sends', async (world) => {
    const app = world
      .makeApp()
      .use(multipart())
      .post('/', async (c) => {
        const data = await c.multipart.formData()
        const entries = await Promise.all(
          [...data].map(async ([name, value]) =>
            typeof value === 'string' ? [name, value] : [name, value.name, value.type, await value.text()],
          ),
        )
        return c.json(entries)
      })
    const client = await world.serve(app)
    const data = new FormData()
    data.append('a "quoted" näme', 'line\r\nfeeds\r\n--boundary')
    data.append('empty', '')
    data.append('file', new File(['ünï'], 'ünï "1".txt', { type: 'image/x-test' }))
    data.append('none', new File([], ''))
    const encoded = new Response(data)
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' }
    const body = new Uint8Array(await encoded.arrayBuffer())
    const answer = await client.send('POST /', { headers, body })
    assert.deepEqual(answer.json, [
      ['a %22quoted%22 näme', 'line\r\nfeeds\r\n--boundary'],
      ['empty', ''],
      ['file', 'ünï %221%22.txt', 'image/x-test', 'ünï'],
      ['none', '', 'application/octet-stream', ''],
    ])
  })

  onBoth('streams files as they arrive, in any of several ways', async (world) => {
    const app = world
      .makeApp()
      .use(multipart())
      .post('/', { bodyLimitBytes: 10_000_000 }, async (c) => {
        const seen: unknown[] = []
        for await (const part of c.multipart.parts()) {
          if (part.kind === 'field') seen.push([part.name, part.value])
          else if (part.name === 'iterated') {
            let bytes = 0
            for await (const chunk of part) bytes += chunk.byteLength
            seen.push([part.name, bytes])
          } else if (part.name === 'bytes') seen.push([part.name, (await part.bytes()).byteLength])
          else if (part.name === 'text') seen.push([part.name, await part.text()])
          else if (part.name === 'stream') seen.push([part.name, await new Response(part.stream()).text()])
          else seen.push([part.name, 'passed over'])
        }
        return c.json(seen)
      })
    const client = await world.serve(app)
    const large = 'x'.repeat(1_000_000)
    const answer = await client.send(
      'POST /',
      form(
        ['name="iterated"; filename="a"', large],
        ['name="passed"; filename="b"', large],
        ['name="bytes"; filename="c"', large],
        ['name="between"', 'v'],
        ['name="text"; filename="d"', 'ünï'],
        ['name="empty"; filename="e"', ''],
        ['name="stream"; filename="f"', 'flow'],
      ),
    )
    assert.deepEqual(answer.json, [
      ['iterated', 1_000_000],
      ['passed', 'passed over'],
      ['bytes', 1_000_000],
      ['between', 'v'],
      ['text', 'ünï'],
      ['empty', 'passed over'],
      ['stream', 'flow'],
    ])
  })

  onBoth('hands over a part before the next one has arrived', async (world) => {
    const got = signal()
    const app = world
      .makeApp()
      .use(multipart())
      .post('/', async (c) => {
        const names: string[] = []
        for await (const part of c.multipart.parts()) {
          names.push(part.kind === 'file' ? await part.text() : part.name)
          if (names.length === 2) got.resolve()
        }
        return c.json(names)
      })
    const client = await world.serve(app)
    const whole = form(['name="a"', '1'], ['name="b"; filename="b"', 'content'], ['name="c"', '3'])
    const text = whole.body.toString()
    const cut = text.indexOf('name="c"')
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(Buffer.from(text.slice(0, cut)))
        await got.promise
        controller.enqueue(Buffer.from(text.slice(cut)))
        controller.close()
      },
    })
    const answer = await client.send('POST /', { headers: { 'content-type': TYPE }, body })
    assert.deepEqual(answer.json, ['a', 'content', 'c'])
  })

  onBoth('saves files to new paths only, and leaves none half', async (world) => {
    let count = 0
    const app = world
      .makeApp()
      .use(multipart({ fileBytes: 1_000 }))
      .post('/{name}', async (c) => {
        for await (const part of c.multipart.parts()) {
          if (part.kind === 'file') count = await part.saveTo(join(folder, `${world.side}-${c.params.name}`))
        }
        return c.json(count)
      })
    const client = await world.serve(app)
    const small = form(['name="f"; filename="f"', 'x'.repeat(1_000)])
    assert.equal((await client.send('POST /one', small)).json, 1_000)
    const path = join(folder, `${world.side}-one`)
    assert.equal(readFileSync(path, 'utf8'), 'x'.repeat(1_000))
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.equal((await client.send('POST /one', form(['name="f"; filename="f"', 'other']))).status, 500)
    assert.equal(readFileSync(path, 'utf8').length, 1_000)
    await world.reports.take()
    const answer = await client.send('POST /two', form(['name="f"; filename="f"', 'x'.repeat(1_001)]))
    assert.deepEqual(answer.problem, problemOf('MULTIPART_FILE_TOO_LARGE', 413))
    assert.equal(existsSync(join(folder, `${world.side}-two`)), false)
  })

  onBoth('holds every limit, exactly', async (world) => {
    const limits = { fileBytes: 10, files: 2, fieldBytes: 5, fields: 2, parts: 3, nameBytes: 4 }
    const app = world
      .makeApp()
      .use(multipart(limits))
      .post('/', { bodyLimitBytes: 2_000 }, async (c) => c.json([...(await c.multipart.formData()).keys()]))
    const client = await world.serve(app)
    const file = (name: string, content: string): [string, string] => [
      `name="${name}"; filename="f"`,
      content,
    ]
    const field = (name: string, content: string): [string, string] => [`name="${name}"`, content]
    const allowed = form(field('abcd', '12345'), file('f', '1234567890'), file('g', ''))
    assert.deepEqual((await client.send('POST /', allowed)).json, ['abcd', 'f', 'g'])
    for (const [code, options] of [
      ['MULTIPART_FILE_TOO_LARGE', form(file('f', '12345678901'))],
      ['MULTIPART_FIELD_TOO_LARGE', form(field('a', '123456'))],
      ['MULTIPART_FIELD_TOO_LARGE', form(field('abcde', '1'))],
      ['MULTIPART_FIELD_TOO_LARGE', form(file('abcde', '1'))],
      ['MULTIPART_TOO_MANY_FILES', form(file('a', ''), file('b', ''), file('c', ''))],
      ['MULTIPART_TOO_MANY_FIELDS', form(field('a', ''), field('b', ''), field('c', ''))],
      ['MULTIPART_TOO_MANY_PARTS', form(field('a', ''), field('b', ''), file('c', ''), file('d', ''))],
      ['BODY_TOO_LARGE', form(field('a', 'x'.repeat(2_000)))],
      ['BODY_TOO_LARGE', form(file('a', '1'), ['ignored="x"', 'x'.repeat(2_000)])],
    ] as const) {
      assert.deepEqual((await client.send('POST /', options)).problem, problemOf(code, 413))
    }
    const none = await world.serve(
      world
        .makeApp()
        .use(multipart({ files: 0 }))
        .post('/', async (c) => c.json([...(await c.multipart.formData()).keys()])),
    )
    assert.equal((await none.send('POST /', form(file('a', '')))).problem.code, 'MULTIPART_TOO_MANY_FILES')
  })

  onBoth('refuses what is no form, and forms that are malformed', async (world) => {
    const app = world
      .makeApp()
      .use(multipart())
      .post('/', async (c) => c.json([...(await c.multipart.formData()).keys()]))
    const client = await world.serve(app)
    const send = (type: string | undefined, body: string, more: Record<string, string> = {}) =>
      client.send('POST /', {
        headers: { ...(type !== undefined && { 'content-type': type }), ...more },
        body: Buffer.from(body),
      })
    const whole = form(['name="a"', '1']).body.toString()
    for (const type of [undefined, 'application/json', 'multipart/mixed; boundary=xyz', 'nonsense', '']) {
      assert.deepEqual(
        (await send(type, whole)).problem,
        problemOf('MEDIA_TYPE_UNSUPPORTED', 415),
        String(type),
      )
    }
    const compressed = await send(TYPE, whole, { 'content-encoding': 'gzip' })
    assert.deepEqual(compressed.problem, problemOf('CONTENT_ENCODING_UNSUPPORTED', 415))
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=""',
      `multipart/form-data; boundary=${'x'.repeat(71)}`,
      'multipart/form-data; charset=utf-8',
      'multipart/form-data; =; boundary=xyz',
    ]) {
      assert.deepEqual((await send(type, whole)).problem, problemOf('MULTIPART_INVALID', 400), type)
    }
    for (const body of [
      '',
      'nothing like a form',
      '--xyz',
      '--xyz\r\n',
      '--xyz\r\ncontent-disposition: form-data; name="a"',
      '--xyz\r\ncontent-disposition: form-data; name="a"\r\n\r\ncut off',
      '--xyz\r\ncontent-disposition: form-data; name="a"; filename="b"\r\n\r\ncut off',
      '--xyz\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--xyz',
      '--xyz\r\nbad header\r\n\r\n1\r\n--xyz--\r\n',
      '--xyz\r\ncontent-disposition: form-data\r\n\r\n1\r\n--xyz--\r\n',
      '--xyz\r\ncontent-disposition: form-data; name=""\r\n\r\n1\r\n--xyz--\r\n',
      '--xyz\r\ncontent-disposition: form-data; filename="a"\r\n\r\n1\r\n--xyz--\r\n',
      `--xyz\r\nx: ${'y'.repeat(17_000)}\r\n\r\n1\r\n--xyz--\r\n`,
      '--xyz\r\ncontent-disposition: form-data; name="a"\r\ncontent-type: text/plain; charset=klingon\r\n\r\n1\r\n--xyz--\r\n',
      whole.replaceAll('xyz', 'other'),
    ]) {
      assert.deepEqual(
        (await send(TYPE, body)).problem,
        problemOf('MULTIPART_INVALID', 400),
        body.slice(0, 80),
      )
    }
    assert.deepEqual((await send('Multipart/Form-Data; charset=x; Boundary="xyz"', whole)).json, ['a'])
    assert.deepEqual((await send(TYPE, '--xyz--\r\n')).json, [])
  })

  onBoth('refuses bombs: parts without end that would never be seen', async (world) => {
    const app = world
      .makeApp()
      .use(multipart({ parts: 100 }))
      .post('/', { bodyLimitBytes: 10_000_000 }, async (c) =>
        c.json([...(await c.multipart.formData()).keys()]),
      )
    const client = await world.serve(app)
    for (const [part, code] of [
      ['--xyz\r\nx: y\r\n\r\n\r\n', 'MULTIPART_TOO_MANY_PARTS'],
      ['--xyz\r\ncontent-disposition: attachment; name="a"\r\n\r\n\r\n', 'MULTIPART_TOO_MANY_PARTS'],
      ['--xyz\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n', 'MULTIPART_TOO_MANY_PARTS'],
      [
        '--xyz\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\n\r\n',
        'MULTIPART_TOO_MANY_FILES',
      ],
    ] as const) {
      const body = Buffer.from(`${part.repeat(50_000)}--xyz--\r\n`)
      const answer = await client.send('POST /', { headers: { 'content-type': TYPE }, body })
      assert.deepEqual(answer.problem, problemOf(code, 413))
    }
    const headers = `--xyz\r\ncontent-disposition: form-data; name="a"\r\n${'a: b\r\n'.repeat(4_000)}\r\n1\r\n--xyz--\r\n`
    const answer = await client.send('POST /', {
      headers: { 'content-type': TYPE },
      body: Buffer.from(headers),
    })
    assert.deepEqual(answer.problem, problemOf('MULTIPART_INVALID', 400))
  })

  onBoth('is read once', async (world) => {
    const app = world
      .makeApp()
      .use(multipart())
      .post('/twice', async (c) => {
        await c.multipart.formData()
        await c.multipart.formData()
      })
      .post('/late', async (c) => {
        const files = []
        for await (const part of c.multipart.parts()) files.push(part)
        const [file] = files
        return file?.kind === 'file' ? file.bytes() : 'no file'
      })
      .post('/again', async (c) => {
        for await (const part of c.multipart.parts()) {
          if (part.kind !== 'file') continue
          await part.bytes()
          await part.bytes()
        }
      })
    const client = await world.serve(app)
    for (const path of ['/twice', '/late', '/again']) {
      const answer = await client.send(`POST ${path}`, form(['name="f"; filename="f"', 'x']))
      assert.equal(answer.status, 500, path)
      await world.reports.takeCode('BODY_ALREADY_READ')
    }
  })

  onBoth('gives up the body when the handler leaves the loop', async (world) => {
    const app = world
      .makeApp()
      .use(multipart())
      .post('/loop', { bodyLimitBytes: 100_000_000 }, async (c) => {
        for await (const part of c.multipart.parts()) return part.name
        return 'none'
      })
      .post('/file', { bodyLimitBytes: 100_000_000 }, async (c) => {
        for await (const part of c.multipart.parts()) {
          if (part.kind !== 'file') continue
          for await (const chunk of part) return String(chunk.byteLength > 0)
        }
        return 'none'
      })
    const client = await world.serve(app)
    const large = form(['name="f"; filename="f"', 'x'.repeat(1_000_000)], ['name="g"', '1'])
    assert.equal((await client.send('POST /loop', large)).text, 'f')
    assert.equal((await client.send('POST /file', large)).text, 'true')
  })

  onBoth('fails where the client leaves in the middle', async (world) => {
    const arrived = signal()
    const failed = signal<unknown>()
    const app = world
      .makeApp()
      .use(multipart())
      .post('/', async (c) => {
        try {
          for await (const part of c.multipart.parts()) {
            if (part.kind !== 'file') continue
            for await (const chunk of part) if (chunk.byteLength > 0) arrived.resolve()
          }
        } catch (error) {
          failed.resolve(error)
          throw error
        }
      })
    const client = await world.serve(app)
    const text = form(['name="f"; filename="f"', 'x'.repeat(1_000)]).body.toString()
    let fail: (() => void) | undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(text.slice(0, 500)))
        fail = () => controller.error(new Error('gone'))
      },
    })
    const exchange = client.start('POST /', { headers: { 'content-type': TYPE }, body })
    await arrived.promise
    // Without a connection it is the body that breaks off.
    if (world.side === 'server') exchange.leave()
    else fail?.()
    hasCode('BODY_ABORTED')(await failed.promise)
  })

  onBoth('ends a reader that outlives its request', async (world) => {
    const failed = signal<unknown>()
    const app = world
      .makeApp()
      .use(multipart())
      .post('/', async (c) => {
        const parts = c.multipart.parts()
        const first = await parts.next()
        assert.equal(first.value?.name, 'f')
        const read = async (): Promise<void> => {
          try {
            for await (const part of parts) void part
          } catch (error) {
            failed.resolve(error)
          }
        }
        void read()
        return 'early'
      })
    const client = await world.serve(app)
    const text = form(['name="f"; filename="f"', 'x'.repeat(1_000)]).body.toString()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from(text.slice(0, 500))),
    })
    const exchange = client.start('POST /', { headers: { 'content-type': TYPE }, body })
    const open = await exchange.answer
    assert.equal(Buffer.from((await open.read()) ?? []).toString(), 'early')
    exchange.leave()
    hasCode('BODY_ABORTED')(await failed.promise)
  })

  test('refuses wrong options when it is made', () => {
    const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
      [{ fileBytes: -1 }, /integer from 0/],
      [{ files: '2' }, /got "2"/],
      [{ totalBytes: 5 }, /unknown option "totalBytes"/],
    ]
    for (const [options, message] of wrong) {
      assert.throws(
        () => multipart(options as MultipartOptions),
        hasCode('MULTIPART_OPTIONS_INVALID', message),
      )
    }
  })
})
