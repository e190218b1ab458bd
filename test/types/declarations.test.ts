import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { compile, ROOT } from './compile.ts'

/** What users export of their apps. */
const EXPORTS = `
  import { createScope, defineChannel, defineMiddleware, definePlugin, GoWeb, html, type HttpContext, type Middleware } from 'goweb'
  import { z } from 'zod'
  export const auth: Middleware<{ user: { name: string } }> = (c, next) => next({ user: { name: c.ip } })
  export const address = defineMiddleware(['http', 'upgrade'], (c, next) => next({ address: c.ip }))
  export const language = defineMiddleware(['http'], (c, next) => next({ language: c.headers.get('accept-language') }))
  export const news = defineChannel('news', { delivery: 'live', public: true, events: { line: z.string() } })
  export const users = createScope<{ user: { name: string } }>()
    .get('/', { name: 'users', query: z.object({ page: z.string() }) }, (c) => c.json({ page: c.query.page }))
    .get('/file', (c) => c.file('x'))
    .get('/html', () => html\`x\`)
    .post('/', { body: z.object({ name: z.string() }) }, (c) => c.body)
  export const plugin = definePlugin({ name: 'p', options: z.object({}), setup: (app: GoWeb) => app.use((_c, next) => next({ a: 1 })) })
  export const app = new GoWeb()
    .use(auth)
    .use(language)
    .use(address)
    .authenticate((c) => c.user.name === '' ? null : { user: c.user.name })
    .channel(news)
    .channel('rooms/{room}', {
      delivery: 'replay',
      presence: { joinLeave: false },
      events: { message: z.object({ text: z.string() }), typing: { schema: z.object({}), from: 'client' } },
      subscribe: (c) => c.params.room !== '',
      on: { message: (c, data) => ({ ...data, from: c.user.name }) },
    })
    .call('echo', {}, (_c, input) => input)
    .call('add', { input: z.object({ a: z.number() }), output: z.number() }, (_c, { a }) => a + 1)
    .mount('/rooms', new GoWeb().channel('{room}/typing', { delivery: 'live' }).call('x', {}, (c) => c.connection))
    .mount('/users', users)
    .register(plugin, {})
    .ws('/live', { upgrade: (c) => c.user })
    .get('/reader', (c) => c.body)
    .get('/cookies', (c) => c.cookies)
    .get('/context', (c) => c)
  export function make() { return new GoWeb().get('/', (c) => c.path) }
  export const handler = (c: HttpContext) => c.request
`

function findFile(folder: string, name: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) =>
    file.endsWith(`/${name}`),
  )
  assert.ok(found !== undefined, `${name} was not made`)
  return readFileSync(join(folder, found), 'utf8')
}

describe('declarations', () => {
  test('of an exported app name nothing but what the package exports', async () => {
    const outDir = mkdtempSync(join(tmpdir(), 'goweb-declarations-'))
    try {
      const { diagnostics } = await compile({
        scratch: { 'exported-app.ts': EXPORTS },
        compilerOptions: {
          noEmit: false,
          declaration: true,
          emitDeclarationOnly: true,
          outDir,
          rootDir: ROOT,
        },
      })
      assert.deepEqual(diagnostics, [])
      const text = findFile(outDir, 'exported-app.d.ts')
      const inner = Array.from(
        text.matchAll(/import\("([^"]*src[^"]*)"[^)]*\)\.(\w+)/g),
        ([, file, name]) => `${name} of ${file}`,
      )
      assert.deepEqual([...new Set(inner)], [])
      assert.match(text, /import\("goweb"\)\.RouteType<"\/", "users"/)
    } finally {
      rmSync(outDir, { recursive: true, force: true })
    }
  })
})
