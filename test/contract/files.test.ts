import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { problemOf } from './answer.ts'
import { onBoth, onServer } from './on-both.ts'

const LARGE = Buffer.alloc(300_000, 'large file ')

describe('c.file', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'goweb-files-'))
    writeFileSync(join(folder, 'small.txt'), 'hello file')
    writeFileSync(join(folder, 'large.bin'), LARGE)
    writeFileSync(join(folder, '.secret'), 'secret')
    symlinkSync('/etc/hostname', join(folder, 'link'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  onBoth('answers with type, length and validators, to HEAD and to conditions too', async (world) => {
    const app = world.makeApp().get('/{name}', (c) => c.file(join(folder, c.params.name)))
    const client = await world.serve(app)
    const whole = await client.send('GET /small.txt')
    assert.deepEqual([whole.status, whole.type, whole.text], [200, 'text/plain; charset=utf-8', 'hello file'])
    assert.equal(whole.headers.get('content-length'), '10')
    const etag = whole.headers.get('etag') ?? ''
    const head = await client.send('HEAD /small.txt')
    assert.deepEqual([head.status, head.headers.get('content-length'), head.text], [200, '10', ''])
    assert.equal(head.headers.get('etag'), etag)
    const fresh = await client.send('GET /small.txt', { headers: { 'if-none-match': etag } })
    assert.deepEqual([fresh.status, fresh.text, fresh.headers.get('etag')], [304, '', etag])
    const stale = await client.send('GET /small.txt', { headers: { 'if-match': '"other"' } })
    assert.deepEqual(stale.problem, problemOf('PRECONDITION_FAILED', 412))
    const large = await client.send('GET /large.bin')
    assert.ok(LARGE.equals(large.bytes))
    assert.equal(large.headers.get('content-length'), String(LARGE.length))
    assert.equal((await client.send('HEAD /large.bin')).headers.get('content-length'), String(LARGE.length))
  })

  onBoth('answers with ranges', async (world) => {
    const app = world.makeApp().get('/{name}', (c) => c.file(join(folder, c.params.name)))
    const client = await world.serve(app)
    const range = async (name: string, value: string): Promise<[number, string | null, number]> => {
      const { status, headers, bytes } = await client.send(`GET /${name}`, { headers: { range: value } })
      return [status, headers.get('content-range'), bytes.byteLength]
    }
    assert.deepEqual(await range('small.txt', 'bytes=0-4'), [206, 'bytes 0-4/10', 5])
    assert.deepEqual(await range('large.bin', 'bytes=-100000'), [206, 'bytes 200000-299999/300000', 100_000])
    assert.deepEqual(await range('small.txt', 'lines=1-2'), [200, null, 10])
    const [status, contentRange] = await range('small.txt', 'bytes=10-')
    assert.deepEqual([status, contentRange], [416, 'bytes */10'])
  })

  onBoth('answers with the whole of a file whose ranges it does not take', async (world) => {
    const app = world
      .makeApp()
      .get('/whole', (c) => c.file(join(folder, 'large.bin'), { acceptRanges: false }))
      .get('/changed', (c) => c.file(join(folder, 'large.bin')))
    const client = await world.serve(app)
    const range = { range: 'bytes=0-9' }
    for (const [path, headers] of [
      ['/whole', range],
      ['/changed', { ...range, 'if-range': '"another"' }],
      ['/changed', { range: 'bytes=0-1,8-9' }],
    ] as const) {
      const { status, headers: got, bytes } = await client.send(`GET ${path}`, { headers })
      assert.deepEqual([status, got.get('content-range'), bytes.byteLength], [200, null, LARGE.length], path)
    }
  })

  onBoth('with a root serves nothing outside of it', async (world) => {
    const app = world.makeApp().get('/{path...}', (c) => c.file(c.params.path, { root: folder }))
    const client = await world.serve(app)
    assert.equal((await client.send('GET /small.txt')).text, 'hello file')
    for (const path of [
      'missing',
      '.secret',
      'link',
      '',
      'small.txt/',
      '%2fetc%2fhostname',
      '..%5csmall.txt',
      'a//b',
    ]) {
      const { status } = await client.send(`GET /${path}`)
      assert.ok(status === 404 || status === 400, `${path}: ${status}`)
    }
  })

  onBoth('closes a large file when the client leaves in the middle', async (world) => {
    const app = world.makeApp().get('/', (c) => c.file(join(folder, 'large.bin')))
    const client = await world.serve(app)
    for (let round = 0; round < 20; round++) {
      const exchange = client.start('GET /')
      await (await exchange.answer).read()
      exchange.leave()
    }
    assert.ok(LARGE.equals((await client.send('GET /')).bytes))
  })

  onServer('sends not a byte of a body to HEAD', async (world) => {
    const app = world.makeApp().get('/{name}', (c) => c.file(join(folder, c.params.name)))
    const client = await world.serve(app)
    for (const name of ['small.txt', 'large.bin']) {
      const raw = await client.sendRaw(`HEAD /${name} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      assert.match(raw, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/)
    }
  })
})
