import { GoWeb } from 'goweb'
import { announce } from './announce.ts'

const closed: Record<string, number> = {}
let open = 0

const app = new GoWeb()
  .onError((error, c) => console.error(c.kind, error))
  .get('/stats', (c) => c.json({ open, closed }))
  .ws('/topic', {
    maxBackpressureBytes: 256 * 1024,
    open: (socket) => {
      open++
      socket.subscribe('news')
    },
    close: (_socket, code) => {
      open--
      closed[code] = (closed[code] ?? 0) + 1
    },
  })
  .ws('/publish', { message: (socket, message) => socket.publish('news', message) })

const server = await app.listen({ host: '127.0.0.1', port: 0 })
announce(server.port)
