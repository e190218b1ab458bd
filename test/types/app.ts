import {
  createScope,
  defineMiddleware,
  definePlugin,
  GoWeb,
  GoWebError,
  Reply,
  type BaseContext,
  type CallContext,
  type ConnectContext,
  type HttpContext,
  type HttpMiddleware,
  type Middleware,
  type Next,
  type PublishContext,
  type SubscribeContext,
} from 'goweb'
import { z } from 'zod'
import type { ContextName } from '../../src/chain/base-context.ts'
import { same } from './equal.ts'

/** Names that no middleware may add are those of the context. */
same<
  ContextName,
  keyof HttpContext | keyof ConnectContext | keyof SubscribeContext | keyof PublishContext | keyof CallContext
>()

interface User {
  readonly id: number
  readonly name: string
}

declare const user: User

/** Annotated middleware, for any kind: the type says what it adds. */
export const auth: Middleware<{ user: User }> = (c, next) => {
  same<typeof c, BaseContext>()
  if (c.header('authorization') === undefined) throw new GoWebError('UNAUTHORIZED')
  return next({ user })
}

/** One that refuses with a reply of its own. */
export const guard: Middleware<{ user: User }> = async (c, next) => {
  if (c.cookies.get('session') === undefined) return new Reply(401)
  if (c.ip === '') return 'not from nowhere'
  return next({ user })
}

/** One that adds nothing may return nothing, the result of `next` or its own. */
export const timing: Middleware = async (_c, next) => {
  await next()
}
export const passing: Middleware = (_c, next) => next()
export const silent: Middleware = (_c, next) => void next()

/** One that needs what others added. */
export const admin: Middleware<{ isAdmin: boolean }, BaseContext & { user: User }> = (c, next) =>
  next({ isAdmin: c.user.id === 1 })

/** One that shapes HTTP answers: annotated and inferred. */
export const noStore: HttpMiddleware = defineMiddleware(['http'], async (c, next) => {
  same<typeof c, HttpContext>()
  const reply = await next()
  same<typeof reply.status, number>()
  reply.headers.set('cache-control', 'no-store')
  return reply
})
export const language: HttpMiddleware<{ language: string }> = defineMiddleware(['http'], (c, next) => {
  c.setHeader('vary', 'accept-language')
  return next({ language: c.header('accept-language') ?? 'en' })
})
export const counting = defineMiddleware(['http', 'upgrade'], (c, next) => {
  same<typeof c, HttpContext>()
  same<typeof next, Next>()
  return next({ where: c.path })
})
export const needing = defineMiddleware(['http'], (c: HttpContext & { user: User }, next) =>
  next({ greeting: `Hello ${c.user.name}` }),
)
export const everywhere = defineMiddleware(['http', 'upgrade', 'subscribe'], (c, next) => {
  same<typeof c, BaseContext>()
  return next({ seen: c.kind })
})

/** A middleware that adds more is one that adds less, or nothing. */
export const list: readonly Middleware[] = [auth, guard, timing, passing]
export const wider: Middleware<{ user: { id: number } }> = auth

/** Additions are in the context of what is defined afterwards, each with its type. */
export const chain: object = new GoWeb()
  .get('/before', (c) => {
    same<'user' extends keyof typeof c ? true : false, false>()
    return c.path
  })
  .use(auth)
  .use(admin)
  .use(timing)
  .use(noStore)
  .use(language)
  .use(counting)
  .use(needing)
  .use((c, next) => {
    same<typeof c.user, User>()
    return next({ inline: c.kind === 'http' ? 1 : 2 })
  })
  .use(async (c, next) => {
    if (c.inline === 1) return next({ late: true })
    throw new GoWebError('FORBIDDEN')
  })
  .use(['http'], async (c, next) => {
    same<typeof c.language, string>()
    same<typeof c.late, boolean>()
    const reply = await next({ onlyHttp: c.url })
    reply.headers.set('x-inline', String(c.inline))
    return reply
  })
  .use(['http', 'upgrade'], (c, next) => next({ both: c.path }))
  .use(['upgrade'], (c, next) => next({ onlyUpgrade: c.path }))
  .get('/', (c) => {
    same<typeof c.user, User>()
    same<typeof c.isAdmin, boolean>()
    same<typeof c.language, string>()
    same<typeof c.where, string>()
    same<typeof c.greeting, string>()
    same<typeof c.inline, number>()
    same<typeof c.late, boolean>()
    same<typeof c.onlyHttp, URL>()
    same<typeof c.both, string>()
    same<'onlyUpgrade' extends keyof typeof c ? true : false, false>()
    return c.user
  })
  .ws('/', {
    upgrade(c) {
      same<typeof c.user, User>()
      same<typeof c.both, string>()
      // What only requests have is not there in a handshake.
      same<'onlyHttp' extends keyof typeof c ? true : false, false>()
      same<'language' extends keyof typeof c ? true : false, false>()
      return c.user
    },
    open: (socket) => same<typeof socket.data, User>(),
  })
  .onNotFound((c) => c.json({ nobody: c.user.name, language: c.language }, 404))
  .onError((error, c) => {
    same<typeof error, unknown>()
    if (c.kind === 'socket') {
      c.socket.send('sorry')
      return
    }
    if (c.kind !== 'http' && c.kind !== 'upgrade') {
      same<typeof c.connection.user, string>()
      same<typeof c.kind, 'connect' | 'subscribe' | 'publish' | 'call'>()
      return
    }
    same<typeof c.user, User | undefined>()
    same<typeof c.language, string | undefined>()
    return c.json({ message: String(error) }, 500)
  })

/** A mounted app sees what its parent added only where it says that it needs it. */
const me = createScope<{ user: User }>()
  .get('/me', (c) => {
    same<typeof c.user, User>()
    return c.json(c.user)
  })
  .use((c, next) => next({ name: c.user.name }))
  .get('/name', (c) => c.text(c.name))
export const mounted: object = new GoWeb().use(auth).use(language).mount('/a', me).mount('/b/{org}', me)
export const nested: object = createScope<{ user: User; org: string }>().mount('/deep', me)

/** A plugin's options are its schema's input, its additions in the app's type. */
const accounts = definePlugin({
  name: 'accounts',
  options: z.object({ table: z.string().default('accounts'), size: z.coerce.number().default(1) }),
  setup: (app: GoWeb, options) => {
    same<typeof options, { table: string; size: number }>()
    return app
      .use((_c, next) => next({ accounts: options.table }))
      .use(['http'], (_c, next) => next({ page: 1 }))
      .get('/accounts', (c) => c.json([c.accounts, c.page]))
  },
})
const bare = definePlugin({ name: 'bare', setup: (app: GoWeb) => app.get('/bare', () => 'bare') })
const needy = definePlugin({
  name: 'needy',
  setup: (app: GoWeb<{}, {}, {}, { user: User }>) => app.use((c, next) => next({ id: c.user.id })),
})
export const plugged = new GoWeb()
  .register(accounts, { table: 'people' })
  .register(bare)
  .use(auth)
  .register(needy)
  .get('/all', (c) => {
    same<typeof c.accounts, string>()
    same<typeof c.page, number>()
    same<typeof c.id, number>()
    return c.text('')
  })
  .ws('/all', { upgrade: (c) => same<'page' extends keyof typeof c ? true : false, false>() })
export const defaults: object = new GoWeb().register(accounts, {})
same<keyof Routes<typeof plugged>, 'GET /accounts' | 'GET /bare' | 'GET /all' | 'WEBSOCKET /all'>()

/** What the app's type says of its routes. */
type Routes<App> = App extends { readonly '~types'?: infer T }
  ? NonNullable<T> extends { readonly routes: infer R }
    ? R
    : never
  : never

const books = new GoWeb()
  .get('/', { name: 'books', query: z.object({ page: z.coerce.number().optional() }) }, (c) => [c.query.page])
  .get('/{id}', { name: 'book', response: z.object({ id: z.coerce.number() }) }, (c) => ({ id: c.params.id }))
  .post('/', { body: z.object({ title: z.string() }) }, (c) => {
    return c.body.title === '' ? c.json({ error: 'empty' }, 422) : c.json({ id: 1 }, 201)
  })
  .delete('/{id}', (c) => c.empty())
  .get('/{id}/cover', (c) => c.redirect('/cover.png'))
  .ws('/{id}/live', { name: 'live' })
export const library = new GoWeb()
  .get('/', () => 'home')
  .mount('/books', books)
  .mount(
    '/',
    new GoWeb().get('/root', async () => ({ root: true })),
  )
type Library = Routes<typeof library>
same<
  keyof Library,
  | 'GET /'
  | 'GET /books'
  | 'GET /books/{id}'
  | 'POST /books'
  | 'DELETE /books/{id}'
  | 'GET /books/{id}/cover'
  | 'WEBSOCKET /books/{id}/live'
  | 'GET /root'
>()
same<Library['GET /']['output'], 'home'>()
same<Library['GET /root']['output'], { readonly root: true }>()
same<Library['GET /books']['pattern'], '/books'>()
same<Library['GET /books']['query'], { page?: unknown }>()
same<Library['GET /books']['output'], readonly [number | undefined]>()
same<Library['GET /books/{id}']['name'], 'book'>()
same<Library['GET /books/{id}']['output'], { id: number }>()
same<Library['POST /books']['body'], { title: string }>()
same<Library['POST /books']['output'], { readonly id: 1 }>()
same<Library['DELETE /books/{id}']['output'], undefined>()
same<Library['GET /books/{id}/cover']['output'], never>()

/** URLs by name, with the variables of the mount prefix, queries and options. */
export const urls: string[] = [
  library.url('books'),
  library.url('books', {}, { query: { page: 2 } }),
  library.url('book', { id: 7 }),
  library.url('book', { id: '7' }, { absolute: true, host: 'example.com' }),
  library.url('live', { id: 7n }),
  new GoWeb().mount('/{tenant}', books).url('book', { tenant: 'acme', id: 1 }),
]

/** Functions take apps of any kind, those that need something only where it is there. */
export function addHealth<App extends GoWeb>(app: App): App {
  app.get('/health', () => 'ok')
  return app
}
addHealth(library)
addHealth(plugged)
export const apps: readonly GoWeb[] = [library, plugged, new GoWeb()]
for (const app of apps) new GoWeb().mount('/x', app)
export function greet<State extends { user: User }>(app: GoWeb<{}, {}, {}, State>): GoWeb {
  return app.get('/greet', (c) => c.user.name)
}
greet(new GoWeb().use(auth).use((_c, next) => next({ more: 1 })))
export function serve(app: Pick<GoWeb, 'fetch' | 'listen'>): Promise<unknown> {
  return app.listen(8080)
}
void serve(library)

/** Lists of middleware and computed routes keep the type of the app. */
export const fromList: GoWeb = list.reduce((app: GoWeb, middleware) => app.use(middleware), new GoWeb())
let fromLoop = new GoWeb()
for (const name of ['a', 'b']) fromLoop = fromLoop.get(`/${name}`, () => name)
export const loop: GoWeb = fromLoop
