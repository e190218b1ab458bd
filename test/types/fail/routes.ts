// Each line that is marked must not compile; see ../expected-errors.ts.
import { GoWeb, createScope } from 'goweb'
import { z } from 'zod'

const NewUser = z.object({ name: z.string() })

new GoWeb()
  .get('/users/{id}', (c) => c.json({ id: c.params.ID })) // error: TS2551 Property 'ID' does not exist
  .get('/files/{path...}', (c) => c.text(c.params['path...'])) // error: TS7053
  .get('/days/{date:[0-9]{4}-[0-9]{2}}', (c) => c.text(c.params.day)) // error: TS2339 Property 'day' does not exist
  .get('/users/{id}/n', (c) => c.json(Math.abs(c.params.id))) // error: TS2345 Argument of type 'string'

new GoWeb()
  .post('/users', { body: NewUser }, (c) => c.json(c.body.nam)) // error: TS2551 Property 'nam' does not exist
  .post('/ages', { body: NewUser }, (c) => c.json(Math.abs(c.body.name))) // error: TS2345 Argument of type 'string'
  .post('/wrong', { body: { name: 'string' } }, (c) => c.json(1)) // error: TS2353

new GoWeb()
  .get('/answer', { response: NewUser }, () => ({ name: 1 })) // error: TS2322 Type 'number' is not assignable

new GoWeb()
  .get('/early', (c) => c.text(c.user.name)) // error: TS2339 Property 'user' does not exist
  .use((_, next) => next({ user: { name: 'Ada' } }))
  .get('/late', (c) => c.text(c.user.name))
  .get('/wrong', (c) => c.text(c.user.nam)) // error: TS2551 Property 'nam' does not exist

new GoWeb().mount('/admin', createScope<{ user: string }>()) // error: TS2379 Property 'user' is missing

const named = new GoWeb().get('/users/{id}', { name: 'user' }, (c) => c.text(c.params.id))
named.url('users', { id: 1 }) // error: TS2345
named.url('user') // error: TS2554
named.url('user', { ID: 1 }) // error: TS2561
