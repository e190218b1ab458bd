import { GoWeb } from 'goweb'
import { announce } from './announce.ts'

const app = new GoWeb()
  .onError((error, c) => console.error(c.kind, error))
  .ws('/echo', {
    compression: true,
    message: (socket, message) => void socket.send(message),
  })
const server = await app.listen({ host: '127.0.0.1', port: 0 })
announce(server.port)
