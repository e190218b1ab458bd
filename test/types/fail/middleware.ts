// Each line that is marked must not compile; see ../expected-errors.ts.
import { defineMiddleware, GoWeb, type HttpMiddleware, type Middleware } from 'goweb'

interface User {
  readonly name: string
}

declare const user: User

// A middleware that is said to add something must add it, on every way through it.
export const forgets: Middleware<{ user: User }> = (_c, next) => next() // error: TS2322 Property 'user' is missing
export const forgetsLater: Middleware<{ user: User }> = async (_c, next) => { // error: TS2322 Type 'Promise<void>' is not assignable
  await next()
}
export const addsOther: Middleware<{ user: User }> = (_c, next) => next({ usr: user }) // error: TS2322 Property 'user' is missing
export const addsWrong: Middleware<{ user: User }> = (_c, next) => next({ user: 'Ada' }) // error: TS2322 Type 'string' is not assignable to type 'User'
export const sometimes: Middleware<{ user: User }> = (c, next) => (c.ip === '' ? next() : next({ user })) // error: TS2322 Property 'user' is missing
export const returnsNumber: Middleware = () => 7 // error: TS2322 Type 'number' is not assignable

// What the context has itself cannot be hidden.
new GoWeb().use(['http'], (_c, next) => next({ body: 1 })) // error: TS2322 Type 'number' is not assignable to type 'never'
new GoWeb().use((_c, next) => next({ user, search: '' })) // error: TS2322 Type 'string' is not assignable to type 'never'
export const hides: Middleware<{ url: string }> = (_c, next) => next({ url: '' }) // error: TS2322 Type 'string' is not assignable to type 'never'

// What it adds to some ways only is not in the context.
new GoWeb()
  .use((c, next) => { if (c.ip !== '') return next({ user }); return next() })
  .get('/', (c) => c.user.name) // error: TS2339 Property 'user' does not exist
new GoWeb()
  .use((c, next) => { if (c.ip !== '') return next({ user }) }) // error: TS2769 is not assignable

// Contexts have what was added before them, and nothing else.
new GoWeb()
  .use((c, next) => next({ name: c.user.name })) // error: TS2339 Property 'user' does not exist
  .use((_c, next) => next({ user }))
  .use((c, next) => next({ name: c.user.nam })) // error: TS2551 Property 'nam' does not exist

declare const needsUser: Middleware<{ isAdmin: boolean }, Parameters<Middleware>[0] & { user: User }>
new GoWeb().use(needsUser) // error: TS2769 Property 'user' is missing
declare const needsUserHttp: HttpMiddleware
export const asHttp: HttpMiddleware = defineMiddleware(['upgrade'], (_c, next) => next()) // error: TS2322
export const asAny: Middleware = needsUserHttp // error: TS2322

// Only middleware of requests knows their context and replies.
new GoWeb().use((c, next) => { c.setHeader('a', 'b'); return next() }) // error: TS2551 Property 'setHeader' does not exist
new GoWeb().use(async (_c, next) => { (await next()).headers.set('a', 'b') }) // error: TS2339 Property 'headers' does not exist
new GoWeb().use(['http', 'upgrade'], async (_c, next) => { (await next()).headers.set('a', 'b') }) // error: TS2339 Property 'headers' does not exist
new GoWeb().use(['htpp'], needsUserHttp) // error: TS2769 Type '"htpp"' is not assignable

// What only requests are given is not there in a handshake.
new GoWeb()
  .use(['http'], (_c, next) => next({ page: 1 }))
  .get('/', (c) => c.page)
  .ws('/', { upgrade: (c) => c.page }) // error: TS2339 Property 'page' does not exist
