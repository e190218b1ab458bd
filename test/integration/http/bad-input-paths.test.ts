import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { GoWeb, type Server } from 'goweb'
import { serveStatic } from 'goweb/middleware/static'
import { ask, assertProblem, request } from '../../conformance/wire/exchange.ts'
import { skipOn } from '../../skip-on.ts'

/** Bun resolves dot segments and backslashes before the app sees the path, which then leads elsewhere. */
const isBun = process.versions['bun'] !== undefined

/** Ways to leave a directory: dots, slashes and backslashes, each raw, escaped, escaped twice, overlong. */
const TRAVERSALS: readonly string[] = [
  '../secret.txt',
  '..%2fsecret.txt',
  '..%2Fsecret.txt',
  '%2e%2e/secret.txt',
  '%2E%2E/secret.txt',
  '.%2e/secret.txt',
  '%2e./secret.txt',
  '%2e%2e%2fsecret.txt',
  '..\\secret.txt',
  '..%5csecret.txt',
  '..%5Csecret.txt',
  '%2e%2e%5csecret.txt',
  '%2e%2e\\secret.txt',
  'sub/../../secret.txt',
  'sub/%2e%2e/%2e%2e/secret.txt',
  'sub%2f..%2f..%2fsecret.txt',
  './../secret.txt',
  '%2e/%2e%2e/secret.txt',
  '/../secret.txt',
  '....//secret.txt',
  '..;/secret.txt',
  '..%00/secret.txt',
  '%00../secret.txt',
  '..%252fsecret.txt',
  '%252e%252e/secret.txt',
  '%252e%252e%252fsecret.txt',
  '..%c0%afsecret.txt',
  '%c0%ae%c0%ae/secret.txt',
  '%c0%ae%c0%ae%c0%afsecret.txt',
  '%e0%80%ae%e0%80%ae/secret.txt',
  '..%ef%bc%8fsecret.txt',
  '%u002e%u002e/secret.txt',
  '..%u2215secret.txt',
  '%uff0e%uff0e/secret.txt',
  '..%255csecret.txt',
  '%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  '../'.repeat(30) + 'etc/passwd',
  '%2fetc%2fpasswd',
  '//etc/passwd',
  'link/secret.txt',
  'C:/secret.txt',
  'public.txt%00.html',
  'public.txt/',
  '.hidden',
  '%2ehidden',
  'sub/.hidden',
]

describe('bad paths', () => {
  let server: Server
  let folder: string
  const reported: unknown[] = []

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goweb-paths-'))
    mkdirSync(join(folder, 'public/sub'), { recursive: true })
    mkdirSync(join(folder, 'outside'))
    writeFileSync(join(folder, 'public/public.txt'), 'public')
    writeFileSync(join(folder, 'public/.hidden'), 'a secret')
    writeFileSync(join(folder, 'public/sub/.hidden'), 'a secret')
    writeFileSync(join(folder, 'secret.txt'), 'a secret')
    writeFileSync(join(folder, 'outside/secret.txt'), 'a secret')
    symlinkSync(join(folder, 'outside'), join(folder, 'public/link'))
    const app = new GoWeb({ report: (error) => reported.push(error) })
      .use(serveStatic(join(folder, 'public'), { prefix: '/static' }))
      .get('/files/{rest...}', (c) => c.json({ rest: c.params.rest }))
      .get('/one/{name}', (c) => c.json({ name: c.params.name }))
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  after(async () => {
    await server.close(0)
    rmSync(folder, { recursive: true })
  })

  test('files below the root are served', async () => {
    const response = await ask(server.port, request('GET /static/public.txt'))
    assert.deepEqual([response.status, response.body.toString()], [200, 'public'])
  })

  for (const path of TRAVERSALS) {
    test(`no file outside of the root is served for ${path}`, async () => {
      const response = await ask(server.port, request(`GET /static/${path}`))
      assert.ok([400, 404].includes(response.status), `${response.status}: ${response.body.toString()}`)
      assert.doesNotMatch(response.body.toString(), /a secret|root:/)
    })

    test(`no path variable leads upwards for ${path}`, async () => {
      const response = await ask(server.port, request(`GET /files/${path}`))
      if (response.status === 200) {
        const { rest } = response.json() as { rest: string }
        assert.ok(!rest.split(/[/\\]/).some((part) => part === '.' || part === '..'), rest)
        assert.ok(!rest.includes('\0'))
      } else if (response.status === 404 && isBun) assertProblem(response, 404, 'ROUTE_NOT_FOUND')
      else assertProblem(response, 400, 'PATH_INVALID')
    })
  }

  for (const [name, path] of [
    ['a lone percent sign', '/one/%'],
    ['a percent sign with one digit', '/one/%4'],
    ['a percent sign with letters', '/one/%zz'],
    ['an escape of a single octet beyond ASCII', '/one/%ff'],
    ['an escaped surrogate', '/one/%ed%a0%80'],
    ['an overlong escape', '/one/%c1%81'],
    ['an escape beyond Unicode', '/one/%f4%90%80%80'],
    ['half a character', '/one/%c3'],
    ['an escape of Internet Explorer', '/one/%u0041'],
    ['an escaped NUL', '/one/%00'],
    ['a NUL in the middle', '/one/a%00b'],
    ['a fragment', '/one/a#b'],
  ] as const) {
    test(`${name} is refused`, async () => {
      assertProblem(await ask(server.port, request(`GET ${path}`)), 400, 'PATH_INVALID')
    })
  }

  test(
    'a backslash is refused',
    { skip: skipOn('bun', 'Bun takes a backslash for a slash before the app sees it') },
    async () => {
      assertProblem(await ask(server.port, request('GET /one/a\\b')), 400, 'PATH_INVALID')
    },
  )

  for (const [sent, name] of [
    ['a%2Fb', 'a/b'],
    ['a%5Cb', 'a\\b'],
    ['%25', '%'],
    ['%252e', '%2e'],
    ['%E2%82%AC', '€'],
    ['%0d%0aX:%20y', '\r\nX: y'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['...', '...'],
    ['a+b', 'a+b'],
  ] as const) {
    test(`${sent} is the value ${JSON.stringify(name)}, decoded once`, async () => {
      const response = await ask(server.port, request(`GET /one/${sent}`))
      assert.deepEqual([response.status, response.json()], [200, { name }])
    })
  }

  test('a path never becomes the host of a redirect', async () => {
    const app = new GoWeb({ trailingSlash: 'redirect' })
      .get('/{a}/{b}', (c) => c.text('two'))
      .get('/deep/{rest...}', (c) => c.text('rest'))
    const other = await app.listen({ port: 0, host: '127.0.0.1' })
    for (const path of [
      '//evil.example/',
      '//evil.example/x/',
      '/\\evil.example/x/',
      '/%2f/evil.example/',
      '/%5cevil.example/x/',
      '/deep//evil.example/',
    ]) {
      const response = await ask(other.port, request(`GET ${path}`))
      const location = response.header('location')
      if (location !== undefined) assert.match(location, /^\/(?![/\\])/, path)
    }
    await other.close()
  })

  test('none of this is an error of the server', () => assert.deepEqual(reported, []))
})
