/** Serves rooms until it is killed: `room-server.ts BROKER [PORT]`; see `brokerFromName`. */
import { brokerFromName } from './broker-from-name.ts'
import { createRoomApp, describe } from './room-app.ts'

const [broker = 'memory', port = '0'] = process.argv.slice(2)
try {
  const app = createRoomApp(brokerFromName(broker))
  const server = await app.listen({ host: '127.0.0.1', port: Number(port) })
  console.log(`listening on ${server.port}`)
} catch (error) {
  console.error(describe(error))
  process.exit(1)
}
