import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { announce } from './announce.ts'

const perMessageDeflate = process.argv.includes('--deflate')
const maxPayload = 1024 * 1024
const options = { noServer: true, perMessageDeflate, maxPayload }

const echo = new WebSocketServer(options)
echo.on('connection', (socket) => {
  socket.on('error', console.error)
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})

const echoAsync = new WebSocketServer(options)
echoAsync.on('connection', (socket) => {
  socket.on('error', console.error)
  socket.on('message', async (data, isBinary) => {
    await Promise.resolve()
    socket.send(data, { binary: isBinary })
  })
})

const topic = new WebSocketServer(options)
topic.on('connection', (socket) => {
  socket.on('error', console.error)
  socket.on('message', broadcast)
})

const publish = new WebSocketServer(options)
publish.on('connection', (socket) => {
  socket.on('error', console.error)
  socket.on('message', broadcast)
})

function broadcast(data: WebSocket.RawData, isBinary: boolean): void {
  for (const client of topic.clients) {
    if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary })
  }
}

const routes: Record<string, WebSocketServer> = {
  '/echo': echo,
  '/echo-async': echoAsync,
  '/topic': topic,
  '/publish': publish,
}

const server = createServer()
server.on('upgrade', (request, connection, head) => {
  const route = routes[request.url ?? '']
  if (route === undefined) return connection.destroy()
  route.handleUpgrade(request, connection, head, (socket) => route.emit('connection', socket, request))
})
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
