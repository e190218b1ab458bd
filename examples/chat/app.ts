import { join } from 'node:path'
import { GoWeb, GoWebError, type SocketMessage } from 'goweb'
import { secureHeaders } from 'goweb/middleware/secure-headers'
import { serveStatic } from 'goweb/middleware/static'
import { Room, type ChatSocket, type Member } from './room.ts'

const page = join(import.meta.dirname, 'public')
const rooms = new Map<string, Room>()

export const app = new GoWeb()
app
  .use(secureHeaders())
  .use(serveStatic(page))
  .get('/rooms', () => [...rooms.keys()].map((name) => ({ name, size: app.topics.subscriberCount(name) })))
  .get('/rooms/{room}', (c) => c.file('index.html', { root: page }))
  .ws('/rooms/{room}/socket', {
    maxPayloadBytes: 16_384,
    upgrade: ({ query, params }): Member => {
      if (!/^[\p{Ll}\p{Lo}\p{M}\p{N}_-]{1,40}$/u.test(params.room)) throw new GoWebError('NOT_FOUND')
      return { name: cleanName(query.get('name')), room: params.room, tab: query.get('tab'), paidUntil: 0 }
    },
    open: (socket) => roomOf(socket).join(socket),
    message: (socket, message) => receive(socket, message),
    close: (socket) => {
      roomOf(socket).leave(socket)
      // Empty rooms keep their last messages for whoever comes back, as long as they are few.
      const empty = [...rooms.keys()].filter((name) => app.topics.subscriberCount(name) === 0)
      for (const name of empty.slice(0, -100)) rooms.delete(name)
    },
  })

function roomOf({ data }: ChatSocket): Room {
  const room = rooms.get(data.room) ?? new Room(data.room, app.topics)
  rooms.set(data.room, room)
  return room
}

function receive(socket: ChatSocket, message: SocketMessage): void {
  const { kind, text, on, ref } = parse(message)
  const refuse = (code: string): void => void socket.send(JSON.stringify({ kind: 'error', code, ref }))
  if (isTooFast(socket.data)) return refuse('too-fast')
  if (kind === 'ping') return void socket.send('{"kind":"pong"}')
  if (kind === 'typing') return roomOf(socket).typing(socket, on === true)
  if (kind !== 'message' || typeof text !== 'string') return refuse('not-understood')
  if (text.trim() === '' || text.length > 2_000) return refuse('wrong-length')
  return roomOf(socket).say(socket, text.trim(), typeof ref === 'string' ? ref.slice(0, 64) : undefined)
}

/** What a message holds, nothing of it checked; nothing at all when it is not JSON. */
function parse(message: SocketMessage): Record<string, unknown> {
  try {
    return Object(JSON.parse(String(message))) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** One line of 24 characters at most, without those that are invisible or turn the writing direction. */
function cleanName(name: string | null): string {
  const line = (name ?? '').normalize('NFKC').replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
  const clean = /^.{1,24}/u.exec(line.trim())?.[0].trim()
  if (clean === undefined) throw new GoWebError('UNPROCESSABLE', 'name: expected a visible character')
  return clean
}

/** Allows a message each third of a second, and as many as ten seconds bring at once. */
function isTooFast(member: Member): boolean {
  const paidUntil = Math.max(member.paidUntil, Date.now()) + 333
  if (paidUntil > Date.now() + 10_000) return true
  member.paidUntil = paidUntil
  return false
}
