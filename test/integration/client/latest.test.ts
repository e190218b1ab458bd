import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GoWeb } from 'goweb'
import { connect } from 'goweb/client'
import { memoryBroker } from 'goweb/brokers/memory'
import { z } from 'zod'
import { Network } from './network.ts'
import { Log, reached } from './served.ts'

function makeApp(broker = memoryBroker()) {
  return new GoWeb({ broker, channels: { limits: { recoveryPublications: 10 } } }).channel(
    'prices/{market}',
    {
      delivery: 'latest',
      key: (_event, { symbol }) => symbol,
      events: { price: z.object({ symbol: z.string(), price: z.number() }) },
      on: { price: (c, m) => ({ ...m, by: c.connection.user }) },
      public: true,
    },
  )
}

type App = ReturnType<typeof makeApp>

/** Publishes a price for each of some symbols. */
async function publish({ channels }: App, price: number, symbols: readonly string[]): Promise<void> {
  for (const symbol of symbols) await channels.publish('prices/eu', 'price', { symbol, price, by: 'server' })
}

test('a latest channel has what is true, across a cut and a restart that forgets everything', async (t) => {
  const symbols = Array.from({ length: 30 }, (_, index) => `s${index}`)
  let app = makeApp()
  let server = await app.listen({ host: '127.0.0.1', port: 0 })
  const network = await Network.open(server.port)
  const client = connect<App>(`http://127.0.0.1:${network.port}`, {
    minReconnectDelayMs: 10,
    maxReconnectDelayMs: 50,
  })
  t.after(async () => {
    client.close()
    await network.close()
    await server.close(1_000)
  })
  await publish(app, 1, symbols)

  const prices = client.channel('prices/{market}', { market: 'eu' })
  const log = new Log()
  prices.on('price', ({ symbol, price }) => log.add(`${symbol} ${price}`))
  prices.onRemoved((key) => log.add(`${key} gone`))
  // More than a reply may have: the rest follows at the pace of the client.
  assert.deepEqual(
    await log.atLeast(30),
    symbols.map((symbol) => `${symbol} 1`),
  )
  await prices.publish('price', { symbol: 's0', price: 2 })
  assert.deepEqual((await log.atLeast(31)).slice(30), ['s0 2'])
  assert.equal(prices.values().get('s0')?.price, 2)

  network.isDown = true
  network.cut()
  await reached(client, 'connecting')
  await publish(app, 3, ['s1', 's2'])
  await publish(app, 4, ['s2'])
  await app.channels.remove('prices/eu', 's3')
  network.isDown = false
  // There is no subscriber left on the server that would have kept the removal in mind: all values come again.
  assert.deepEqual((await log.atLeast(34)).slice(31), ['s1 3', 's2 4', 's3 gone'])
  assert.equal(prices.values().size, 29)

  network.isDown = true
  await server.close(1_000)
  app = makeApp()
  server = await app.listen({ host: '127.0.0.1', port: 0 })
  await publish(app, 5, ['s1', 's5'])
  network.target = server.port
  network.isDown = false
  const after = (await log.atLeast(34 + 2 + 27)).slice(34)
  assert.deepEqual(after.slice(0, 2), ['s1 5', 's5 5'])
  assert.ok(after.slice(2).every((entry) => String(entry).endsWith(' gone')))
  assert.deepEqual([...prices.values().keys()].toSorted(), ['s1', 's5'])
})
