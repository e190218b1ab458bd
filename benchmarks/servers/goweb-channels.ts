import { GoWeb } from 'goweb'
import { announce } from './announce.ts'
import { brokerFromName } from './broker-from-name.ts'

/** Arguments: the port, for a server that comes back where it was, and the broker. */
const [port = '0', broker = 'memory'] = process.argv.slice(2)

const app = new GoWeb({ broker: await brokerFromName(broker) })
  .onError((error, c) => console.error(c.kind, error))
  .channel('bench', {
    delivery: 'replay',
    history: { size: 10_000, ttl: '1h' },
    public: true,
  })

const server = await app.listen({ host: '127.0.0.1', port: Number(port), drain: true })
announce(server.port)
