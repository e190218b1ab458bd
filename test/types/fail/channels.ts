// Each line that is marked must not compile; see ../expected-errors.ts.
import { createScope, defineChannel, GoWeb, type Middleware } from 'goweb'
import { z } from 'zod'

declare const user: { readonly name: string }
const Text = z.object({ text: z.string() })

// Definitions: a delivery, known options, known events.
new GoWeb().channel('a', {}) // error: TS2345 Argument of type '{}' is not assignable
new GoWeb().channel('a', { delivery: 'fast' }) // error: TS2322 Type '"fast"' is not assignable
new GoWeb().channel('a', { delivery: 'live', subscirbe: () => true }) // error: TS2561 'subscirbe' does not exist
new GoWeb().channel('a', { delivery: 'live', events: { say: 'text' } }) // error: TS2322 Type 'string' is not assignable
new GoWeb().channel('a', { delivery: 'replay', history: { size: 1, ttl: 60 } }) // error: TS2322 Type 'number' is not assignable
new GoWeb().channel('a', { delivery: 'replay', history: { size: 1, ttl: '1 hour' } }) // error: TS2322 Type '"1 hour"' is not assignable
new GoWeb().channel('a', {
  delivery: 'live',
  events: { say: Text },
  on: { say: (_c, data) => data, shout: (_c: unknown) => 1 }, // error: TS2322 is not assignable to type 'never'
})
new GoWeb().channel('a', {
  delivery: 'live',
  events: { say: Text },
  on: { say: (_c, data) => data.txt }, // error: TS2551 Property 'txt' does not exist
})
new GoWeb().channel('a/{room}', {
  delivery: 'live',
  subscribe: (c) => c.params.rom === '', // error: TS2551 Property 'rom' does not exist
})
new GoWeb().channel('a', {
  delivery: 'live',
  subscribe: (c) => c.user !== undefined, // error: TS2339 Property 'user' does not exist
})
new GoWeb().channel('a', {
  delivery: 'live',
  subscribe: (c) => c.refuse('FORBIDEN'), // error: TS2345 Argument of type '"FORBIDEN"'
})
defineChannel('a', { delivery: 'live', on: { say: (_c: unknown) => 1 } }) // error: TS2322 is not assignable to type 'never'

// Keys: `latest` has them, nothing else does.
new GoWeb().channel('a', { delivery: 'latest' }) // error: TS2345 Property 'key' is missing
new GoWeb().channel('a', { delivery: 'live', key: () => 'x' }) // error: TS2322
new GoWeb().channel('a', { delivery: 'replay', maxKeys: 5 }) // error: TS2322
new GoWeb().channel('a', { delivery: 'latest', key: () => 7 }) // error: TS2322 Type 'number' is not assignable to type 'string'
new GoWeb().channel('a', {
  delivery: 'latest',
  events: { say: Text },
  key: (_event, m) => m.txt, // error: TS2551 Property 'txt' does not exist
})
defineChannel('a', { delivery: 'latest' }) // error: TS2345 Property 'key' is missing

// What runs for requests and handshakes only is in no command's context.
declare const cookie: Middleware<{ user: { readonly name: string } }> & { readonly kinds: readonly ('http' | 'upgrade')[] }
new GoWeb().use(cookie).call('a', {}, (c) => c.user) // error: TS2339 Property 'user' does not exist
new GoWeb().use(['http', 'upgrade'], (_c, next) => next({ user })).call('a', {}, (c) => c.user) // error: TS2339
new GoWeb().use(['http', 'upgrade'], (_c, next) => next({ user })).mount('/a', createScope<{ user: typeof user }>()) // error: TS2379

// Calls.
const Sum = { input: z.object({ a: z.number() }), output: z.number() }
new GoWeb().call('sum', Sum, (_c, { b }) => b) // error: TS2339 Property 'b' does not exist
new GoWeb().call('sum', Sum, () => 'text') // error: TS2322
new GoWeb().call('sum', () => 1) // error: TS2554

// Authentication.
new GoWeb().authenticate(() => ({ id: 7 })) // error: TS2322
new GoWeb().authenticate(() => ({ user: 7 })) // error: TS2322
new GoWeb().authenticate(() => ({ user: 'a', expiresAt: 1 })) // error: TS2322

// Publishing from the server.
const { channels } = new GoWeb()
  .channel('rooms/{room}', { delivery: 'replay', events: { say: Text } })
  .channel('raw', { delivery: 'live' })
  .channel('prices', { delivery: 'latest', key: () => 'x' })
channels.publish('room/1', 'say', { text: 'x' }) // error: TS2345
channels.publish('rooms/1', 'shout', { text: 'x' }) // error: TS2345
channels.publish('rooms/1', 'say', { txt: 'x' }) // error: TS2561 'txt' does not exist
channels.publish('rooms/1', 'say') // error: TS2554 Expected 3-4 arguments
channels.publish('raw', 'say', 1) // error: TS2345

// Positions: names and patterns of channels that keep something, with all values.
const positioned = new GoWeb()
  .channel('rooms/{room}', { delivery: 'replay' })
  .channel('typing/{room}', { delivery: 'live' })
  .get('/{room}', async (c) => [
    await c.position('rooms/{room}'), // error: TS2345
    await c.position('rooms/{room}', {}), // error: TS2741 Property 'room' is missing
    await c.position('rooms/{room}', { rom: 'x' }), // error: TS2561 Did you mean to write 'room'
    await c.withPosition('rooms/{room}', () => 1), // error: TS2345
  ])
positioned.position('typing/1') // error: TS2345
positioned.position('room/1') // error: TS2345
positioned.position('rooms/{room}') // error: TS2345
positioned.position('typing/{room}', { room: 1 }) // error: TS2345
positioned.channels.withPosition('rooms/{room}', { room: 1 }) // error: TS2345
positioned.channels.withPosition('typing/{room}', { room: 1 }, () => 1) // error: TS2769
channels.remove('raw', 'x') // error: TS2345
channels.remove('prices', 7) // error: TS2345
channels.remove('prices') // error: TS2554
channels.values('rooms/1') // error: TS2345
