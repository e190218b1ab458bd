import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import zlib from 'node:zlib'
import { GoWebError } from 'goweb'
import { compress } from 'goweb/middleware/compress'
import { serveStatic, type StaticOptions } from 'goweb/middleware/static'
import { hasCode } from '../unit/http/has-code.ts'
import { problemOf } from './answer.ts'
import { onBoth, onServer } from './on-both.ts'

const SECRET = 'the secret'
const SCRIPT = 'console.log(1)\n'.repeat(200)
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const base = realpathSync(mkdtempSync(join(tmpdir(), 'goweb-static-')))
const root = join(base, 'public')
after(() => rmSync(base, { recursive: true, force: true }))

function write(path: string, content: string | Uint8Array): void {
  const file = join(base, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

write('secret.txt', SECRET)
write('public-other/secret.txt', SECRET)
write('public/.env', SECRET)
write('public/.git/config', SECRET)
write('public/docs/.hidden/a.txt', SECRET)
write('public/.well-known/security.txt', 'Contact: x')
write('public/index.html', '<h1>index</h1>')
write('public/docs/index.html', '<h1>docs</h1>')
write('public/docs/read me.txt', 'read me')
write('public/ünï.txt', 'ünï')
write('public/100%.txt', 'percent')
write('public/a.txt', '0123456789')
write('public/bare/page.html', 'page')
write('public/unknown.xyzzy', 'what')
write('public/assets/app-3f2a.js', SCRIPT)
write('public/assets/app-3f2a.js.br', zlib.brotliCompressSync(SCRIPT))
write('public/assets/app-3f2a.js.gz', zlib.gzipSync(SCRIPT))
write('public/assets/only.css', 'a{}')
write('public/assets/only.css.zst', zlib.zstdCompressSync('a{}'))
write('public/assets/logo.png', 'png')
write('public/assets/logo.png.br', 'must not be looked for')
symlinkSync('../secret.txt', join(root, 'leak.txt'))
symlinkSync('..', join(root, 'up'))
symlinkSync('docs', join(root, 'alias'))
symlinkSync('/dev/zero', join(root, 'zero'))
utimesSync(join(root, 'a.txt'), 1_700_000_000, 1_700_000_000)

describe('serveStatic', () => {
  onBoth('serves files with type, validators and length', async (world) => {
    const client = await world.serve(world.makeApp().use(serveStatic(root)))
    const answer = await client.send('GET /a.txt')
    assert.equal(answer.status, 200)
    assert.equal(answer.text, '0123456789')
    assert.equal(answer.type, 'text/plain; charset=utf-8')
    assert.equal(answer.headers.get('last-modified'), 'Tue, 14 Nov 2023 22:13:20 GMT')
    assert.equal(answer.headers.get('cache-control'), 'no-cache')
    assert.equal(answer.headers.get('content-length'), '10')
    assert.equal(answer.headers.get('accept-ranges'), 'bytes')
    assert.equal(answer.headers.has('vary'), false)
    const etag = answer.headers.get('etag') ?? ''
    const unchanged = await client.send('GET /a.txt', { headers: { 'if-none-match': etag } })
    assert.equal(unchanged.status, 304)
    assert.equal(unchanged.bytes.byteLength, 0)
    const since = { 'if-modified-since': 'Tue, 14 Nov 2023 22:13:20 GMT' }
    assert.equal((await client.send('GET /a.txt', { headers: since })).status, 304)
    const part = await client.send('GET /a.txt', { headers: { range: 'bytes=2-4' } })
    assert.deepEqual(
      [part.status, part.text, part.headers.get('content-range')],
      [206, '234', 'bytes 2-4/10'],
    )
    const beyond = await client.send('GET /a.txt', { headers: { range: 'bytes=20-' } })
    assert.deepEqual(beyond.problem, problemOf('RANGE_NOT_SATISFIABLE', 416))
    const changed = await client.send('GET /a.txt', { headers: { 'if-match': '"other"' } })
    assert.deepEqual(changed.problem, problemOf('PRECONDITION_FAILED', 412))
    const head = await client.send('HEAD /a.txt')
    assert.deepEqual([head.status, head.text, head.headers.get('content-length')], [200, '', '10'])
    assert.equal((await client.send('GET /unknown.xyzzy')).type, 'application/octet-stream')
    for (const [path, text] of [
      ['/docs/read%20me.txt', 'read me'],
      ['/%C3%BCn%C3%AF.txt', 'ünï'],
      ['/100%25.txt', 'percent'],
      ['/alias/read%20me.txt', 'read me'],
      ['/.well-known/security.txt', 'Contact: x'],
    ] as const) {
      assert.equal((await client.send(`GET ${path}`)).text, text)
    }
  })

  onBoth('serves the index of a directory, and leads to it', async (world) => {
    const client = await world.serve(world.makeApp().use(serveStatic(root)))
    assert.equal((await client.send('GET /')).text, '<h1>index</h1>')
    const docs = await client.send('GET /docs/')
    assert.deepEqual([docs.text, docs.type], ['<h1>docs</h1>', 'text/html; charset=utf-8'])
    const away = await client.send('GET /docs?a=1&b=%2F')
    assert.deepEqual([away.status, away.headers.get('location')], [301, './docs/?a=1&b=%2F'])
    for (const path of ['/bare', '/bare/', '/a.txt/', '/docs/index.html/']) {
      assert.equal((await client.send(`GET ${path}`)).status, 404, path)
    }
    const plain = await world.serve(world.makeApp().use(serveStatic(root, { index: false })))
    assert.equal((await plain.send('GET /')).status, 404)
    assert.equal((await plain.send('GET /docs')).status, 404)
    const still = await world.serve(world.makeApp().use(serveStatic(root, { redirect: false })))
    assert.equal((await still.send('GET /docs')).status, 404)
    assert.equal((await still.send('GET /docs/')).status, 200)
  })

  onBoth('gives nothing away, whatever the path', async (world) => {
    const client = await world.serve(world.makeApp().use(serveStatic(root)))
    const paths = [
      '/../secret.txt',
      '/docs/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/%2e%2e%2fsecret.txt',
      '/..%2fsecret.txt',
      '/..%5csecret.txt',
      '/..\\secret.txt',
      '/docs%2f..%2f..%2fsecret.txt',
      '/..%c0%afsecret.txt',
      '/%c0%ae%c0%ae/secret.txt',
      '/%e0%80%ae%e0%80%ae/secret.txt',
      '/%252e%252e/secret.txt',
      '/..%00/secret.txt',
      '/a.txt%00.html',
      '/%00',
      '/.env',
      '/%2eenv',
      '/.git/config',
      '/docs/.hidden/a.txt',
      '/docs/.well-known/x',
      '/leak.txt',
      '/up/secret.txt',
      '/zero',
      '//a.txt',
      '/docs//index.html',
      '/docs/%2findex.html',
      `/${encodeURIComponent(base)}/secret.txt`,
      '/public-other/secret.txt',
      '/../public-other/secret.txt',
      '/%',
      '/%zz',
      '/%ff',
      `/${'a'.repeat(300)}`,
      `/${'a/'.repeat(2_000)}`,
    ]
    for (const path of paths) {
      const answer = await client.send(`GET ${path}`)
      assert.ok(answer.status === 404 || answer.status === 400, `${path.slice(0, 60)}: ${answer.status}`)
      assert.doesNotMatch(answer.text, /secret|index|0123|Contact/)
    }
  })

  onServer('answers raw bytes in the path as it should', async (world) => {
    const client = await world.serve(world.makeApp().use(serveStatic(root)))
    for (const target of [
      '/..\\secret.txt',
      '/\xc0\xaf..',
      '/../secret.txt',
      '/docs/../../secret.txt',
      '/a.txt\xff',
    ]) {
      const answer = await client.sendRaw(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 40[04] /, target)
      assert.doesNotMatch(answer, /the secret/)
    }
  })

  onBoth('serves dotfiles when told so, but nothing outside', async (world) => {
    const client = await world.serve(world.makeApp().use(serveStatic(root, { allowDotfiles: true })))
    assert.equal((await client.send('GET /.env')).text, SECRET)
    assert.equal((await client.send('GET /leak.txt')).status, 404)
  })

  onBoth('answers only GET and HEAD, and lets routes win', async (world) => {
    const app = world
      .makeApp()
      .use(serveStatic(root))
      .get('/a.txt', () => 'the route')
      .post('/docs/', () => 'posted')
    const client = await world.serve(app)
    assert.equal((await client.send('GET /a.txt')).text, 'the route')
    assert.equal((await client.send('GET /docs/')).text, '<h1>docs</h1>')
    assert.equal((await client.send('POST /docs/')).text, 'posted')
    assert.equal((await client.send('POST /assets/logo.png')).status, 404)
    assert.equal((await client.send('PUT /docs/')).status, 405)
  })

  onBoth('wins over a route for everything when told so', async (world) => {
    const app = world
      .makeApp()
      .use(serveStatic(root, { overridesRoutes: true, fallback: 'index.html' }))
      .get('/{path...}', (c) => `page ${c.params.path}`)
    const client = await world.serve(app)
    assert.equal((await client.send('GET /a.txt')).text, '0123456789')
    assert.equal((await client.send('GET /other', { headers: HTML })).text, 'page other')
  })

  onBoth('works under a prefix, and in a mounted app', async (world) => {
    const app = world
      .makeApp()
      .use(serveStatic(root, { prefix: '/static/files' }))
      .mount('/mounted', world.makeApp().use(serveStatic(root, { prefix: '/mounted' })))
      .get('/a.txt', () => 'route')
    const client = await world.serve(app)
    for (const path of ['/static/files/a.txt', '/static/%66iles/a.txt', '/mounted/a.txt']) {
      assert.equal((await client.send(`GET ${path}`)).text, '0123456789', path)
    }
    assert.equal((await client.send('GET /static/files/')).text, '<h1>index</h1>')
    assert.equal((await client.send('GET /static/files')).headers.get('location'), './files/')
    assert.equal((await client.send('GET /mounted')).headers.get('location'), './mounted/')
    assert.equal((await client.send('GET /mounted/docs/')).text, '<h1>docs</h1>')
    for (const path of ['/static/filesa.txt', '/static/a.txt', '/docs/', '/static/files/%2e%2e/secret.txt']) {
      assert.ok((await client.send(`GET ${path}`)).status >= 400, path)
    }
  })

  onBoth('falls back to a page where a browser navigates, and only there', async (world) => {
    const api = world
      .makeApp()
      .use((c, next) => {
        if (c.header('x-forbid') !== undefined) throw new GoWebError('FORBIDDEN')
        return next()
      })
      .get('/items', () => 'items')
      .onNotFound((c) => c.json({ missing: true }, 404))
    const app = world
      .makeApp()
      .use(serveStatic(root, { fallback: 'index.html', cacheControl: 'max-age=60' }))
      .mount('/api', api)
      .post('/login', () => 'in')
    const client = await world.serve(app)
    const page = await client.send('GET /users/7', { headers: HTML })
    assert.deepEqual(
      [page.status, page.text, page.headers.get('cache-control')],
      [200, '<h1>index</h1>', 'no-cache'],
    )
    const etag = page.headers.get('etag') ?? ''
    const again = await client.send('GET /users/7', { headers: { ...HTML, 'if-none-match': etag } })
    assert.equal(again.status, 304)
    assert.equal((await client.send('HEAD /users/7', { headers: HTML })).status, 200)
    assert.equal((await client.send('GET /login', { headers: HTML })).text, '<h1>index</h1>')
    assert.equal((await client.send('GET /api/nothing', { headers: HTML })).text, '<h1>index</h1>')
    assert.equal((await client.send('GET /api/items', { headers: HTML })).text, 'items')
    assert.deepEqual((await client.send('GET /api/nothing')).json, { missing: true })
    const forbidden = await client.send('GET /api/nothing', { headers: { ...HTML, 'x-forbid': '1' } })
    assert.equal(forbidden.status, 403)
    const others: readonly (readonly [request: string, headers: Record<string, string>])[] = [
      ['GET /users/7', {}],
      ['GET /users/7', { accept: '*/*' }],
      ['GET /users/7', { accept: 'application/json, text/html;q=0' }],
      ['GET /users/7', { accept: 'application/json, text/html;q=0.0' }],
      ['GET /users/7', { ...HTML, 'sec-fetch-mode': 'cors' }],
      ['GET /assets/gone.js', HTML],
      ['POST /users/7', HTML],
    ]
    for (const [request, headers] of others) {
      assert.ok(
        (await client.send(request, { headers })).status >= 404,
        `${request} ${JSON.stringify(headers)}`,
      )
    }
    const navigation = { accept: 'application/json, text/html;q=0.5', 'sec-fetch-mode': 'navigate' }
    assert.equal((await client.send('GET /users/7', { headers: navigation })).status, 200)
  })

  onBoth('answers 404 itself without falling through', async (world) => {
    const app = world
      .makeApp()
      .use(serveStatic(root, { fallthrough: false, fallback: 'docs/index.html' }))
      .onNotFound(() => 'never asked')
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /nowhere')).problem, problemOf('NOT_FOUND', 404))
    assert.equal((await client.send('GET /nowhere', { headers: HTML })).text, '<h1>docs</h1>')
    const broken = await world.serve(world.makeApp().use(serveStatic(root, { fallback: 'gone.html' })))
    assert.deepEqual((await broken.send('GET /x', { headers: HTML })).problem, problemOf('NOT_FOUND', 404))
  })

  onBoth('sends precompressed files to those who take them', async (world) => {
    const app = world
      .makeApp()
      .use(compress())
      .use(serveStatic(root, { precompressed: true }))
    const client = await world.serve(app)
    const path = 'GET /assets/app-3f2a.js'
    for (const [header, coding, decode] of [
      ['gzip, br', 'br', zlib.brotliDecompressSync],
      ['gzip;q=1, br;q=0.5', 'gzip', zlib.gunzipSync],
      ['zstd, gzip;q=0.1', 'gzip', zlib.gunzipSync],
    ] as const) {
      const answer = await client.send(path, { headers: { 'accept-encoding': header } })
      assert.equal(answer.headers.get('content-encoding'), coding)
      assert.equal(decode(answer.bytes).toString(), SCRIPT)
      assert.equal(answer.type, 'text/javascript; charset=utf-8')
      assert.equal(answer.headers.get('vary'), 'Accept-Encoding')
      const etag = answer.headers.get('etag') ?? ''
      const again = { 'accept-encoding': header, 'if-none-match': etag }
      const unchanged = await client.send(path, { headers: again })
      assert.equal(unchanged.status, 304)
      assert.match(unchanged.headers.get('vary') ?? '', /Accept-Encoding/)
      assert.equal(unchanged.headers.has('content-encoding'), false)
      // The plain file has another tag.
      assert.equal((await client.send(path, { headers: { 'if-none-match': etag } })).status, 200)
    }
    const plain = await client.send(path)
    assert.deepEqual([plain.text, plain.headers.get('vary')], [SCRIPT, 'Accept-Encoding'])
    const zstd = await client.send('GET /assets/only.css', { headers: { 'accept-encoding': 'br, zstd' } })
    assert.equal(zstd.headers.get('content-encoding'), 'zstd')
    const image = await client.send('GET /assets/logo.png', { headers: { 'accept-encoding': 'br' } })
    assert.deepEqual([image.text, image.headers.has('vary')], ['png', false])
    const page = await client.send('GET /', { headers: { 'accept-encoding': 'br' } })
    assert.equal(page.headers.has('content-encoding'), false)
  })

  onBoth('lets files with changing names be kept for ever', async (world) => {
    for (const immutable of [/^assets\/.*-[0-9a-f]{4}\./g, (path: string) => path === 'assets/app-3f2a.js']) {
      const client = await world.serve(
        world.makeApp().use(serveStatic(root, { immutable, cacheControl: 'max-age=5' })),
      )
      for (let i = 0; i < 2; i++) {
        const answer = await client.send('GET /assets/app-3f2a.js')
        assert.equal(answer.headers.get('cache-control'), 'public, max-age=31536000, immutable')
      }
      assert.equal((await client.send('GET /a.txt')).headers.get('cache-control'), 'max-age=5')
    }
  })

  test('refuses wrong options when it is made', () => {
    const refused = (rootGiven: unknown, options: unknown, message: RegExp): void => {
      assert.throws(
        () => serveStatic(rootGiven as string, options as StaticOptions),
        hasCode('STATIC_OPTIONS_INVALID', message),
      )
    }
    refused(join(base, 'nowhere'), {}, /no directory .*nowhere.*working directory/)
    refused(join(root, 'a.txt'), {}, /no directory/)
    refused(undefined, {}, /path or a file URL, got undefined/)
    refused(new URL('https://example.com/'), {}, /got https:\/\/example/)
    for (const prefix of ['assets', '/assets/', '/a//b', '/{x}', '/a%20b', 7])
      refused(root, { prefix }, /prefix/)
    for (const fallback of ['/index.html', '', 'a\\b', true])
      refused(root, { fallback }, /file below the root/)
    refused(root, { index: true }, /index/)
    refused(root, { precompressed: ['deflate'] }, /br, zstd and gzip/)
    refused(root, { precompressed: 'br' }, /list/)
    refused(root, { cacheControl: 'a\r\nb' }, /value of a header/)
    refused(root, { immutable: 'assets' }, /RegExp or a function/)
    refused(root, { spa: true }, /unknown option/)
    serveStatic(pathToFileURL(root), { prefix: '/' })
    serveStatic(relative(process.cwd(), root))
  })
})
