import { GoWeb } from 'goweb'

export const app = new GoWeb()
  .get('/hello/{name}', (c) => c.json({ hello: c.params.name }))
  .ws('/echo', { message: (socket, message) => void socket.send(message) })
