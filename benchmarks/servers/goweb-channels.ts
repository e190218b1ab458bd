import { GoWeb } from 'goweb'
import { announce } from './announce.ts'

/** An argument is the port, for a server that comes back where it was. */
const port = Number(process.argv[2] ?? 0)

const app = new GoWeb()
  .onError((error, c) => console.error(c.kind, error))
  .channel('bench', {
    delivery: 'replay',
    history: { size: 10_000, ttl: '1h' },
    public: true,
  })

const server = await app.listen({ host: '127.0.0.1', port })
announce(server.port)
