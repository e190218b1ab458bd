import { announce } from './announce.ts'

const TOPIC = 'news'

const server = Bun.serve<{ path: string }>({
  hostname: '127.0.0.1',
  port: 0,
  routes: {
    '/hello/:name': (request: Bun.BunRequest<'/hello/:name'>) =>
      Response.json({ hello: request.params.name }),
  },
  fetch(request, server) {
    const path = new URL(request.url).pathname
    if (server.upgrade(request, { data: { path } })) return undefined
    return new Response('Not found', { status: 404 })
  },
  error(error) {
    console.error(error)
    return new Response('Internal error', { status: 500 })
  },
  websocket: {
    maxPayloadLength: 1024 * 1024,
    open(socket) {
      if (socket.data.path === '/topic') socket.subscribe(TOPIC)
    },
    message(socket, message) {
      switch (socket.data.path) {
        case '/echo':
          socket.send(message)
          return
        case '/echo-async':
          return echoLater(socket, message)
        default:
          server.publish(TOPIC, message)
      }
    },
  },
})

async function echoLater(
  socket: Bun.ServerWebSocket<{ path: string }>,
  message: string | Buffer,
): Promise<void> {
  await Promise.resolve()
  socket.send(message)
}

announce(server.port ?? 0)
