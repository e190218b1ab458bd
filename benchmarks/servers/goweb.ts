import { GoWeb } from 'goweb'
import { announce } from './announce.ts'

const app = new GoWeb()
  .onError((error, c) => console.error(c.kind, error))
  .get('/hello/{name}', (c) => c.json({ hello: c.params.name }))
  .ws('/echo', { message: (socket, message) => void socket.send(message) })
  .ws('/echo-async', {
    message: async (socket, message) => {
      await Promise.resolve()
      socket.send(message)
    },
  })
  .ws('/topic', {
    open: (socket) => socket.subscribe('news'),
    message: (socket, message) => socket.publish('news', message, { toSelf: true }),
  })
  .ws('/publish', { message: (socket, message) => socket.publish('news', message) })

const server = await app.listen({ host: '127.0.0.1', port: 0 })
announce(server.port)
