import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { announce } from './announce.ts'

/** An argument is the port, for a server that comes back where it was. */
const port = Number(process.argv[2] ?? 0)

const server = createServer()
const io = new Server(server, {
  transports: ['websocket'],
  serveClient: false,
  connectionStateRecovery: {},
})
io.on('connection', (socket) => {
  // A connection that was recovered is in its rooms already.
  if (!socket.recovered) void socket.join('bench')
  socket.on('error', console.error)
  socket.on('message', (data: unknown, acknowledge: () => void) => {
    io.to('bench').emit('message', data)
    acknowledge()
  })
})
server.listen(port, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
