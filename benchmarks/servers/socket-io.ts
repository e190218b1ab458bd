import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { announce } from './announce.ts'

const server = createServer()
const io = new Server(server, { transports: ['websocket'], serveClient: false })
io.on('connection', (socket) => {
  if (socket.handshake.query['role'] !== 'publisher') void socket.join('news')
  socket.on('error', console.error)
  socket.on('message', (text: string) => io.to('news').emit('message', text))
})
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
