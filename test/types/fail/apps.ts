// Each line that is marked must not compile; see ../expected-errors.ts.
import { createScope, definePlugin, GoWeb } from 'goweb'
import { z } from 'zod'

interface User {
  readonly name: string
}

declare const user: User

// What a mounted app needs, its parent must have added by then, to handshakes too.
const scope = createScope<{ user: User }>().get('/me', (c) => c.user.nam) // error: TS2551 Property 'nam' does not exist
new GoWeb().mount('/me', scope) // error: TS2379 Property 'user' is missing
new GoWeb().mount('/me', scope).use((_c, next) => next({ user })) // error: TS2379 Property 'user' is missing
new GoWeb().use((_c, next) => next({ user: 'Ada' })).mount('/me', scope) // error: TS2379 Type 'string' is not assignable to type 'User'
new GoWeb().use(['http'], (_c, next) => next({ user })).mount('/me', scope) // error: TS2379 Property 'user' is missing
createScope<{ org: string }>().mount('/me', scope) // error: TS2379 Property 'user' is missing
new GoWeb().mount('/me', {}) // error: TS2740
new GoWeb().mount('/me', () => new GoWeb()) // error: TS2345

// A mounted app sees nothing of its parent, and adds nothing to it.
const child = new GoWeb().use((_c, next) => next({ child: 1 }))
new GoWeb().mount('/child', child).get('/', (c) => c.child) // error: TS2339 Property 'child' does not exist

// Plugins: options, needs and additions.
const accounts = definePlugin({
  name: 'accounts',
  options: z.object({ table: z.string(), size: z.number().default(1) }),
  setup: (app: GoWeb, options) => app.use((_c, next) => next({ rows: options.tabel })), // error: TS2551 Property 'tabel' does not exist
})
new GoWeb().register(accounts) // error: TS2554 Expected 2 arguments
new GoWeb().register(accounts, { table: 1 }) // error: TS2322 Type 'number' is not assignable to type 'string'
new GoWeb().register(accounts, { table: 'x', siez: 1 }) // error: TS2353 'siez' does not exist
new GoWeb().register(accounts, { table: 'x' }).get('/', (c) => c.row) // error: TS2551 Property 'row' does not exist
const needy = definePlugin({
  name: 'needy',
  setup: (app: GoWeb<{}, {}, {}, { user: User }>) => app.get('/', (c) => c.user.name),
})
new GoWeb().register(needy) // error: TS2379
definePlugin({ setup: (app: GoWeb) => app }) // error: TS2741 Property 'name' is missing

// URLs: names, variables, options.
const app = new GoWeb()
  .get('/', { name: 'home' }, () => 'home')
  .get('/users/{id}', { name: 'user' }, () => 'user')
  .mount('/{tenant}', new GoWeb().get('/x', { name: 'x' }, () => 'x'))
app.url('nobody', {}) // error: TS2345 Argument of type '"nobody"'
app.url('home', { id: 1 }) // error: TS2322 Type 'number' is not assignable to type 'never'
app.url('user') // error: TS2554
app.url('user', {}) // error: TS2741 Property 'id' is missing
app.url('user', { id: true }) // error: TS2322 Type 'boolean' is not assignable
app.url('user', { id: 1, name: 'x' }) // error: TS2353 'name' does not exist
app.url('x', {}) // error: TS2741 Property 'tenant' is missing
app.url('home', {}, { queries: {} }) // error: TS2353 'queries' does not exist

// Settings.
new GoWeb({ trailingSlash: 'sometimes' }) // error: TS2322
new GoWeb({ bodyLimit: 7 }) // error: TS2353 'bodyLimit' does not exist

// Errors: where they come from decides what there is.
new GoWeb().onError((_error, c) => c.json({})) // error: TS2339 Property 'json' does not exist
new GoWeb().onError((error) => error.message) // error: TS18046 'error' is of type 'unknown'
new GoWeb()
  .use((_c, next) => next({ user }))
  .onError((_error, c) => (c.kind === 'socket' ? c.route : c.user.name)) // error: TS18048 'c.user' is possibly 'undefined'
