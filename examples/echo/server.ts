/** Echoes for measurements and outside checks: `PORT=9001 npm run -s echo`; `BROKER=sqlite:FILE` keeps channels in a file. */
import { GoWeb, isGoWebError, type Broker } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { sqliteBroker } from 'goweb/brokers/sqlite'

function broker(name = 'memory'): Broker {
  if (name === 'memory') return memoryBroker()
  if (name.startsWith('sqlite:')) return sqliteBroker({ file: name.slice('sqlite:'.length) })
  throw new Error(`BROKER=${name}: expected memory or sqlite:FILE`)
}

const app = new GoWeb({ broker: broker(process.env['BROKER'] || undefined) })
  .onError((error, c) => {
    if (isGoWebError(error) && error.status < 500) return undefined // The client's fault: it is told so.
    console.error(error)
    return c.kind === 'http' || c.kind === 'upgrade' ? c.text('Something went wrong here', 500) : true
  })
  .get('/hello/{name}', (c) => c.json({ hello: c.params.name }))
  .ws('/echo', {
    maxPayloadBytes: 16 * 1024 * 1024,
    message: (socket, message) => void socket.send(message),
  })
  .ws('/deflate', {
    maxPayloadBytes: 16 * 1024 * 1024,
    compression: { thresholdBytes: 0, serverNoContextTakeover: false, clientNoContextTakeover: false },
    message: (socket, message) => void socket.send(message),
  })
  .ws('/topic', {
    open: (socket) => socket.subscribe('topic'),
    message: (socket, message) => socket.publish('topic', message, { toSelf: true }),
  })
  .channel('open/{name}', {
    delivery: 'replay',
    history: { size: 1_000, ttl: '1h' },
    presence: true,
    public: true,
  })
  .call('echo', {}, (_c, input) => input)

const server = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 9001), drain: true })
console.log(`listening on http://127.0.0.1:${server.port}`)
