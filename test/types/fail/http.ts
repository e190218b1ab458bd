// Each line that is marked must not compile; see ../expected-errors.ts.
import { GoWeb, Reply, type HttpContext, type Params } from 'goweb'
import * as v from 'valibot'
import { type } from 'arktype'
import { z } from 'zod'

const User = z.object({ name: z.string(), role: z.enum(['admin', 'guest']), tags: z.array(z.string()) })

// Each part has what its schema gives.
new GoWeb()
  .get('/', { query: z.object({ page: z.coerce.number() }) }, (c) => c.query.size) // error: TS2339 Property 'size' does not exist
  .get('/', { query: z.object({ page: z.coerce.number() }) }, (c) => c.query.get('page')) // error: TS2339 Property 'get' does not exist
  .get('/{id}', { params: v.object({ id: v.number() }) }, (c) => c.params.id.trim()) // error: TS2339 Property 'trim' does not exist
  .get('/{id}', { headers: type({ 'x-a': 'string' }) }, (c) => c.headers['x-b']) // error: TS7053
  .post('/', { body: User }, (c) => c.body.json()) // error: TS2339 Property 'json' does not exist
  .post('/', (c) => c.body.name) // error: TS2339 Property 'name' does not exist
  .get('/{page}', { match: { host: '{tenant}.example.com' } }, (c) => c.params.tenent) // error: TS2551 Property 'tenent' does not exist

// Options that no route has, and what is no schema.
new GoWeb()
  .post('/', { bdoy: User }, (c) => c.path) // error: TS2353 'bdoy' does not exist
  .post('/', { name: 'x', bdoy: User }, (c) => c.path) // error: TS2322 is not assignable to type 'never'
  .post('/', { body: { name: 'string' } }, (c) => c.path) // error: TS2353
  .post('/', { body: String }, (c) => c.path) // error: TS2741 is missing in type 'StringConstructor'
  .post('/', { bodyLimitBytes: '1 MiB' }, (c) => c.path) // error: TS2322 Type 'string' is not assignable to type 'number'
  .get('/', { match: { method: 'GET' } }, (c) => c.path) // error: TS2353 'method' does not exist
  .get('/', { match: { scheme: 'ftp' } }, (c) => c.path) // error: TS2322

// What does not fit the response schema.
new GoWeb()
  .get('/', { response: User }, () => ({ name: 'Ada', role: 'admin' })) // error: TS2322 Property 'tags' is missing
  .get('/', { response: User }, () => ({ name: 'Ada', role: 'boss', tags: [] })) // error: TS2322
  .get('/', { response: User }, (c) => c.json({ name: 'Ada', role: 'guest', tags: [1] })) // error: TS2322
  .get('/', { response: User }, async (c) => c.json({ name: 'Ada' })) // error: TS2322
  .get('/', { response: User }, (c) => c.text('Ada')) // error: TS2322
  .get('/', { response: User }, (c) => c.json({ error: 'none' }, 201)) // error: TS2322
  .get('/', { response: User }, () => {}) // error: TS2345
  .get('/', { response: z.array(User) }, () => ({ length: 0 })) // error: TS2322

// Handlers and helpers.
new GoWeb()
  .get('/') // error: TS2554 Expected
  .get('/', {}) // error: TS2345
  .get('/', 'text') // error: TS2345
  .get('/', (c) => c.json({}, '201')) // error: TS2345
  .get('/', (c) => c.redirect(new URL('https://example.com'))) // error: TS2345
  .get('/', (c) => c.cookies.set('a', 1)) // error: TS2345
  .get('/', (c) => c.cookies.set('a', 'b', { maxAge: 1 })) // error: TS2353 'maxAge' does not exist
  .get('/', (c) => c.setHeader('a', ['b'])) // error: TS2345
  .get('/', (c) => { c.kind = 'http' }) // error: TS2540 read-only
  .get('/', (c) => { c.params.id = '1' }) // error: TS2339 Property 'id' does not exist
  .get('/', (c) => { c.raw.url }) // error: TS18046
  .get('/', () => new Reply()) // error: TS2554
  .get('/', () => new Reply(200, { a: 1 }, 'application/json')) // error: TS2353

// A handler that is written apart must fit the pattern.
declare const showUser: (c: HttpContext<Params<'/users/{id}'>>) => string
new GoWeb().get('/users/{user}', showUser) // error: TS2345 Property 'id' is missing
