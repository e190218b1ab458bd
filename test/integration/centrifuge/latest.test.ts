import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PublicationContext, SubscribedContext } from 'centrifuge'
import { makeApp, serve } from '../channels/served.ts'
import { Collected, officialClient } from './official-client.ts'

interface Value {
  readonly id: string
  readonly n: number
}

test('the official client gets the values of a latest channel, what follows, and what has changed while it was away', async (t) => {
  const { app } = makeApp(t)
  const typed = app.channel('values', { delivery: 'latest', public: true, key: (_, m) => (m as Value).id })
  const { channels } = typed
  const port = await serve(t, typed)
  const put = async (id: string, n: number): Promise<void> =>
    void (await channels.publish('values', { id, n }))
  await put('a', 1)
  await put('b', 1)
  await put('a', 2)

  const { client } = officialClient(t, port)
  const sub = client.newSubscription('values')
  const subscribed = new Collected<SubscribedContext>(sub, 'subscribed')
  const received = new Collected<PublicationContext>(sub, 'publication')
  sub.subscribe()
  client.connect()
  await subscribed.until(1)
  await put('c', 1)
  await received.until(3)
  // Somebody keeps the node in the picture of what is removed.
  const other = officialClient(t, port)
  const watching = other.client.newSubscription('values')
  const watched = new Collected<SubscribedContext>(watching, 'subscribed')
  watching.subscribe()
  other.client.connect()
  await watched.until(1)

  client.disconnect()
  await put('c', 2)
  await put('c', 3)
  await channels.remove('values', 'b')
  client.connect()
  const context = (await subscribed.until(2))[1]
  assert.deepEqual([context?.wasRecovering, context?.recovered], [true, true])
  await put('a', 3)
  const all = await received.until(6)
  assert.deepEqual(
    all.map(({ data }) => data),
    [{ id: 'b', n: 1 }, { id: 'a', n: 2 }, { id: 'c', n: 1 }, { id: 'c', n: 3 }, null, { id: 'a', n: 3 }],
  )
})
