import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'

/** A server in this process, as right or wrong as a test makes it. */
export interface TestServer {
  readonly port: number
  /** Sockets that were opened at `/topic`, or subscribed to the channel, in order. */
  subscribers(): WebSocket[]
  close(): Promise<void>
}

/** Serves WebSockets whose messages go to `handle`. */
export async function startWebSocketServer(
  handle: (socket: WebSocket, data: Buffer, isBinary: boolean) => void,
  options: ServerOptions = {},
): Promise<TestServer> {
  const subscribers: WebSocket[] = []
  const server = createServer()
  const sockets = new WebSocketServer({ ...options, server })
  sockets.on('connection', (socket, request) => {
    if (request.url === '/topic') subscribers.push(socket)
    socket.on('error', () => {})
    socket.on('message', (data: Buffer, isBinary: boolean) => handle(socket, data, isBinary))
  })
  return listen(server, subscribers, () => {
    for (const client of sockets.clients) client.terminate()
  })
}

/** Serves a room as Socket.IO 4 does, as far as the generator knows it: Engine.IO and Socket.IO opening, and events. */
export async function startSocketIoServer(): Promise<TestServer> {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  const members = new Set<WebSocket>()
  sockets.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.send('0{"sid":"engine","pingInterval":25000}')
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text === '40') {
        socket.send('40{"sid":"socket"}')
        // A ping of Engine.IO among the first messages.
        socket.send('2')
        members.add(socket)
      } else if (text !== '3') for (const member of members) member.send(text)
    })
  })
  return listen(server, [], () => {
    for (const client of sockets.clients) client.terminate()
  })
}

/** What a channel server does when somebody publishes. */
export interface ChannelPublish {
  /** Everyone who is subscribed; the sender too. */
  readonly subscribers: readonly WebSocket[]
  readonly sender: WebSocket
  readonly channel: string
  /** The idempotency key, where it has one. */
  readonly key: string | undefined
  /** The message. */
  readonly data: string
  /** The line that subscribers get. */
  readonly push: (offset: number, data?: string) => string
  /** The line that answers. */
  readonly answer: string
}

/** Serves one channel in the JSON protocol of Centrifuge, as far as the generator knows it; `publish` sends what is to be sent. */
export async function startChannelServer(publish: (publish: ChannelPublish) => void): Promise<TestServer> {
  const server = createServer()
  const sockets = new WebSocketServer({ server })
  const subscribers: WebSocket[] = []
  sockets.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (bytes: Buffer) => {
      const { id, ...command } = JSON.parse(bytes.toString()) as {
        id?: number
        connect?: object
        subscribe?: object
        publish?: { channel: string; data: string; id?: string }
      }
      if (command.connect) {
        socket.send(`{"id":${id},"connect":{"client":"c","ping":25,"pong":true}}`)
        // A ping may come at any time.
        socket.send('{}')
      } else if (command.subscribe) {
        socket.send(`{"id":${id},"subscribe":{"recoverable":true,"epoch":"e","offset":0}}`)
        subscribers.push(socket)
      } else if (command.publish) {
        const { channel, data, id: key } = command.publish
        publish({
          subscribers,
          sender: socket,
          channel,
          key,
          data,
          push: (offset, other = data) =>
            `{"push":{"channel":"${channel}","pub":{"offset":${offset},"data":"${other}","info":{"user":"","client":"c"},"time":1}}}`,
          answer: `{"id":${id},"publish":{}}`,
        })
      }
    })
  })
  return listen(server, subscribers, () => {
    for (const client of sockets.clients) client.terminate()
  })
}

/** Serves `GET /hello/NAME`. */
export async function startHttpServer(
  answer: (name: string) => { readonly body: string; readonly status?: number; readonly type?: string },
): Promise<TestServer> {
  const server = createServer((request, response) => {
    const { body, status = 200, type = 'application/json' } = answer(request.url!.replace('/hello/', ''))
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
  })
  return listen(server, [], () => server.closeAllConnections())
}

async function listen(server: Server, subscribers: WebSocket[], end: () => void): Promise<TestServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    subscribers: () => subscribers,
    async close() {
      end()
      server.close()
      await once(server, 'close')
    },
  }
}
