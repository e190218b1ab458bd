import { GoWeb, GoWebError, type GoWebOptions } from 'goweb'
import { z } from 'zod'

/** How long the tokens of a test hold, and who checked some. */
export interface TokenOffice {
  readonly lifetimeMs: number
  readonly seen: string[]
}

/** An app as users write them, for the client to talk to. */
export function makeApp(options: GoWebOptions, office: TokenOffice = { lifetimeMs: 0, seen: [] }) {
  return new GoWeb(options)
    .authenticate((c, token) => {
      office.seen.push(`${c.isRefresh ? 'refresh' : 'connect'} ${token}`)
      if (token === 'forbidden') throw new GoWebError('FORBIDDEN')
      const expiresAt = new Date(Date.now() + office.lifetimeMs)
      return { user: token.replace(/ .*/, ''), ...(office.lifetimeMs > 0 && { expiresAt }) }
    })
    .channel('rooms/{room}', {
      delivery: 'replay',
      presence: true,
      events: {
        message: z.object({ text: z.string().max(20) }),
        typing: { schema: z.object({ on: z.boolean() }), from: 'client' },
        closed: z.object({ by: z.string() }),
      },
      subscribe: (c) => c.params.room !== 'secret',
      on: { message: (c, { text }) => ({ text, from: c.connection.user }) },
    })
    .channel('open/{name}', {
      delivery: 'replay',
      history: { size: 1_000, ttl: '1h' },
      presence: true,
      public: true,
    })
    .channel('short/{name}', { delivery: 'replay', history: { size: 2, ttl: '1h' }, public: true })
    .channel('typing/{room}', { delivery: 'live', public: true })
    .call('echo', {}, (_c, input) => input)
    .call('add', { input: z.object({ a: z.number(), b: z.number() }) }, (_c, { a, b }) => ({ sum: a + b }))
    .call('never', {}, (c) => new Promise((_, reject) => c.signal.addEventListener('abort', reject)))
    .call('fail', {}, () => {
      throw new TypeError('internal matters')
    })
}
