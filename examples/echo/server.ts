/** Echoes for measurements and outside checks: `PORT=9001 npm run -s echo`. */
import { GoWeb } from 'goweb'

const app = new GoWeb()
  .onError((error, c) => console.error(c.kind === 'socket' ? `socket of ${c.route}` : c.path, error))
  .get('/hello/{name}', (c) => c.json({ hello: c.params.name }))
  .ws('/echo', {
    maxPayloadBytes: 16 * 1024 * 1024,
    message: (socket, message) => void socket.send(message),
  })
  .ws('/topic', {
    open: (socket) => socket.subscribe('topic'),
    message: (socket, message) => socket.publish('topic', message, { toSelf: true }),
  })

const server = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 9001) })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
console.log(`listening on http://127.0.0.1:${server.port}`)
