import { GoWeb, GoWebError } from 'goweb'
import { Inbox } from '../examples/inbox.ts'

/** How a socket of `/closes/{tag}` ended, as the server saw it. */
export interface SeenClose {
  readonly tag: string
  readonly code: number
  readonly reason: string
}

/** How many join `/topic` before it begins. */
export const TOPIC_SIZE = 5

export const seenCloses: Inbox<SeenClose> = new Inbox()

/** What the peers meet: one endpoint for each thing that is tried. */
export const app: GoWeb = new GoWeb()

app
  .get('/', (c) => c.html('<!doctype html><title>Interop</title>'))
  .ws('/echo', { maxPayloadBytes: 2_097_152, message: (socket, message) => void socket.send(message) })
  .ws('/first', { open: (socket) => void socket.send('first') })
  .ws('/protocols', {
    protocols: ['v2.chat', 'v1.chat'],
    open: (socket) => void socket.send(socket.protocol),
  })
  .ws('/pings', {
    message: (socket) => void socket.ping('abc'),
    ping: (socket, payload) => void socket.send(`ping ${Buffer.from(payload).toString()}`),
    pong: (socket, payload) => void socket.send(`pong ${Buffer.from(payload).toString()}`),
  })
  .ws('/closes/{tag}', {
    upgrade: (c) => c.params.tag,
    message: (socket, message) => {
      const [code, reason] = JSON.parse(String(message)) as [number?, string?]
      socket.close(code, reason)
    },
    close: (socket, code, reason) => seenCloses.push({ tag: socket.data, code, reason }),
  })
  .ws('/guarded', {
    upgrade: (c) => {
      if (c.cookies.get('session') === undefined) throw new GoWebError('UNAUTHORIZED')
      if (c.cookies.get('session') !== 'open sesame') return c.text('No.', 403)
      return { client: c.header('x-client') ?? 'unnamed' }
    },
    open: (socket) => void socket.send(`welcome, ${socket.data.client}`),
  })
  .ws('/topic', {
    open: (socket) => {
      socket.subscribe('topic')
      if (app.topics.subscriberCount('topic') === TOPIC_SIZE) app.topics.publish('topic', 'go')
    },
    message: (socket, message) => socket.publish('topic', message, { toSelf: true }),
  })
