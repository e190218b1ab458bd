import { GoWeb, GoWebError, type Reply, type Socket, type SocketRoute } from 'goweb'
import { same } from './equal.ts'

interface Player {
  name: string
  score: number
}

type PlayerSocket = Socket<Player>

/** What `upgrade` returns is the data of the socket in every hook, without what refuses. */
export const everyHook: object = new GoWeb().ws('/games/{game}', {
  upgrade: async (c): Promise<Player | Reply | Response> => {
    same<typeof c.params.game, string>()
    same<typeof c.kind, 'http' | 'upgrade'>()
    if (c.query.get('full') === 'yes') return c.text('The game is full', 409)
    if (c.query.get('old') === 'yes') return new Response(null, { status: 410 })
    return { name: c.query.get('name') ?? 'nobody', score: 0 }
  },
  protocols: ['v2', 'v1'],
  maxPayloadBytes: 1_000,
  open(socket) {
    same<typeof socket, PlayerSocket>()
    socket.subscribe('lobby')
  },
  message(socket, message) {
    same<typeof socket, PlayerSocket>()
    same<typeof message, string | Uint8Array>()
    socket.data.score++
    same<ReturnType<typeof socket.send>, 'sent' | 'queued' | 'dropped'>()
  },
  ping: (socket, payload) => {
    same<typeof socket, PlayerSocket>()
    same<typeof payload, Uint8Array>()
  },
  pong: (socket) => same<typeof socket, PlayerSocket>(),
  drain: async (socket) => same<typeof socket, PlayerSocket>(),
  close(socket, code, reason) {
    same<typeof socket, PlayerSocket>()
    same<typeof code, number>()
    same<typeof reason, string>()
  },
  error(socket, error) {
    same<typeof socket, PlayerSocket>()
    same<typeof error, unknown>()
  },
})

/** Without `upgrade` there is no data; one that only throws or lets pass leaves none either. */
export const noData: object = new GoWeb()
  .ws('/plain', { open: (socket) => same<typeof socket, Socket<undefined>>() })
  .ws('/guarded', {
    upgrade(c) {
      if (c.header('authorization') === undefined) throw new GoWebError('UNAUTHORIZED')
    },
    open: (socket) => same<typeof socket.data, void>(),
  })
  .ws('/empty', {})

/** Hooks may be methods of an object that is written apart. */
export const echo: SocketRoute<string, {}, undefined> = {
  message: (socket, message) => void socket.send(message),
}
export const apart: object = new GoWeb().ws('/echo', echo)

/** Topics are there outside of sockets, and the data is one's own to change. */
export const count: number = new GoWeb().topics.publish('lobby', 'hello')
