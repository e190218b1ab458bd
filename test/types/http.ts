import { type } from 'arktype'
import {
  GoWeb,
  html,
  Reply,
  type BodyReader,
  type HttpContext,
  type Params,
  type RouteOptions,
  type StandardSchema,
} from 'goweb'
import * as v from 'valibot'
import { z } from 'zod'
import { same } from './equal.ts'

/** Each part is the output of its schema, and its reader without one. */
export const parts: object = new GoWeb()
  .post('/{id}', (c) => {
    same<typeof c.query, URLSearchParams>()
    same<typeof c.body, BodyReader>()
    same<ReturnType<typeof c.headers.get>, string | undefined>()
    same<typeof c.params, { id: string }>()
    return c.empty()
  })
  .put(
    '/{id}',
    {
      params: z.object({ id: z.coerce.number() }),
      query: v.object({ page: v.optional(v.number(), 1) }),
      headers: type({ 'x-count': 'number' }),
      body: z.object({ at: z.coerce.date(), tags: z.array(z.string()) }),
    },
    (c) => {
      same<typeof c.params, { id: number }>()
      same<typeof c.query, { page: number }>()
      same<typeof c.headers, { 'x-count': number }>()
      same<typeof c.body, { at: Date; tags: string[] }>()
      return c.json(c.body, 201)
    },
  )
  .patch('/{id}', { bodyLimitBytes: 10, name: 'patch' }, async (c) => {
    same<typeof c.params.id, string>()
    const body = await c.body.json<{ a: number }>()
    return body.a
  })
  .get('/{page}', { match: { host: '{tenant}.example.com', headers: { 'x-version': /^2/ } } }, (c) => {
    same<typeof c.params.tenant, string>()
    same<typeof c.params.page, string>()
    return c.params
  })
  .all('/any/{rest...}', (c) => {
    same<typeof c.params.rest, string>()
    return c.method
  })

/** What is answered with an error or a redirect is no output. */
declare const context: HttpContext
declare const status: number
same<ReturnType<typeof context.empty<401>>, Reply<never>>()
export const outputs: [
  Reply<{ readonly a: 1 }>,
  Reply<{ readonly a: 1 }>,
  Reply<never>,
  Reply<{ readonly a: 1 }>,
  Reply<string>,
  Reply<never>,
] = [
  context.json({ a: 1 }),
  context.json({ a: 1 }, 201),
  context.json({ a: 1 }, 422),
  context.json({ a: 1 }, status),
  context.text(''),
  context.redirect('/'),
]

/** A handler may return anything that can be sent, and nothing. */
export const returned: object = new GoWeb()
  .get('/nothing', () => {})
  .get('/async-nothing', async () => {})
  .get('/string', () => 'text')
  .get('/object', () => ({ a: 1 }))
  .get('/null', () => null)
  .get('/html', () => html`<b>x</b>`)
  .get('/bytes', () => new Uint8Array(1))
  .get('/stream', () => new Blob(['x']).stream())
  .get('/generator', async function* (c) {
    yield c.path
  })
  .get('/response', () => new Response('x'))
  .get('/reply', () => new Reply(200, 'x', 'text/plain'))
  .get('/bare', () => new Reply(401))
  .get('/untyped', () => new Reply(200, new Uint8Array(1)))
  .get('/either', (c) => (c.method === 'GET' ? c.json({ a: 1 }) : c.redirect('/')))
  .get('/file', (c) => c.file('/srv/x'))

const User = z.object({
  name: z.string(),
  role: z.enum(['admin', 'guest']),
  tags: z.array(z.object({ label: z.string() })),
  at: z.date(),
  nested: z.object({ pair: z.tuple([z.number(), z.string()]) }).optional(),
})

/** What fits the response schema may be returned plainly or by `c.json()`, literals and lists included. */
export const answers: object = new GoWeb()
  .get('/plain', { response: User }, () => ({ name: 'Ada', role: 'admin', tags: [], at: new Date() }))
  .get('/json', { response: User }, (c) =>
    c.json({
      name: 'Ada',
      role: 'guest',
      tags: [{ label: 'x' }],
      at: new Date(),
      nested: { pair: [1, 'x'] },
    }),
  )
  .get('/async', { response: User }, async (c) => {
    const tags = ['x'].map((label) => ({ label }))
    return c.json({ name: 'Ada', role: 'admin', tags, at: new Date() }, 201)
  })
  .get('/more', { response: User }, () => {
    const row = { name: 'Ada', role: 'admin' as const, tags: [], at: new Date(), password: 'stripped' }
    return row
  })
  .get('/list', { response: z.array(User) }, async () => [] as z.infer<typeof User>[])
  .get('/response', { response: User }, () => Response.json({}))
  .get('/redirect', { response: User }, (c) => c.redirect('/login'))
  .get('/either', { response: z.object({ id: z.number() }) }, (c) =>
    c.query.has('x') ? c.redirect('/') : { id: 1 },
  )
  .get('/errors', { response: User }, (c) => {
    if (c.query.has('a')) return c.json({ error: 'none' }, 404)
    if (c.query.has('b')) return c.text('down', 503)
    if (c.query.has('c')) return c.empty(401)
    return { name: 'Ada', role: 'admin', tags: [], at: new Date() }
  })
  .get('/transformed', { response: z.object({ at: z.date().transform(String) }) }, () => ({ at: new Date() }))
  .get('/unknown', { response: z.unknown() }, () => ({ anything: [1] }))

/** Handlers can be written apart. */
export function showUser(c: HttpContext<Params<'/users/{id}'>>): string {
  return c.params.id
}
export const apart: object = new GoWeb()
  .get('/users/{id}', showUser)
  .get('/users/{id}/x', showUser)
  .get('/all', (c: HttpContext) => c.path)

/** Options can be written apart. */
export const options = { body: User, bodyLimitBytes: 1_000 } as const satisfies RouteOptions
export const withOptions: object = new GoWeb().post('/', options, (c) => c.json(c.body.name))

/** Schemas without a declared type give unknown. */
declare const untyped: StandardSchema
export const unknownBody: object = new GoWeb().post('/', { body: untyped }, (c) => {
  same<typeof c.body, unknown>()
  return c.empty()
})

/** A pattern that is computed has params of any name. */
declare const pattern: string
export const computed: object = new GoWeb().get(pattern, (c) => {
  same<typeof c.params, Record<string, string>>()
  return c.params['anything']
})
