import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { announce } from './announce.ts'

const server = createServer()
const echo = new WebSocketServer({ server, path: '/echo', maxPayload: 1024 * 1024 })
echo.on('connection', (socket, request) => {
  const connection: Socket = request.socket
  let isCorked = false
  const uncork = (): void => {
    isCorked = false
    connection.uncork()
  }
  socket.on('error', console.error)
  socket.on('message', (data, isBinary) => {
    if (!isCorked) {
      isCorked = true
      connection.cork()
      setImmediate(uncork)
    }
    socket.send(data, { binary: isBinary })
  })
})
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
