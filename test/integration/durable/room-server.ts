/** Serves rooms until it is ended: `room-server.ts BROKER [PORT [DRAIN]]`; see `brokerFromName`; `DRAIN` are `DrainOptions` as JSON. */
import type { DrainOptions } from 'goweb'
import { brokerFromName } from './broker-from-name.ts'
import { createRoomApp, describe } from './room-app.ts'

const [broker = 'memory', port = '0', drain = '{}'] = process.argv.slice(2)
try {
  const app = createRoomApp(brokerFromName(broker))
  console.log('begins')
  const server = await app.listen({
    host: '127.0.0.1',
    port: Number(port),
    drain: JSON.parse(drain) as DrainOptions,
  })
  console.log(`listening on ${server.port}`)
} catch (error) {
  console.error(describe(error))
  process.exit(1)
}
