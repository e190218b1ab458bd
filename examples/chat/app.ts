import { join } from 'node:path'
import { GoWeb } from 'goweb'
import { secureHeaders } from 'goweb/middleware/secure-headers'
import { serveStatic } from 'goweb/middleware/static'
import { z } from 'zod'
import { pageScripts } from './page-scripts.ts'
import { cleanName, isRoomName, LONGEST_TEXT } from './rules.ts'
import { storage } from './storage.ts'

/** A message as the room keeps it. */
export interface ChatMessage {
  /** Made by the writer's page, which finds its own messages by it. */
  readonly id: string
  readonly from: string
  readonly text: string
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number
}

const page = join(import.meta.dirname, 'public')
const scripts = pageScripts('browser/main.ts', 'browser/theme.ts')
/** The channels of the rooms that were entered last, by the names of the rooms. */
const entered = new Map<string, string>()

export const app = new GoWeb({
  broker: storage(process.env['DATA'] || undefined),
  channels: { limits: { messageBytes: 16_384, commandsPerSecond: 50, pingIntervalMs: 10_000 } },
})
  .use(secureHeaders())
  .use(serveStatic(page))
  .get('/scripts/{path...}', (c) => {
    const code = scripts.get(c.path)
    if (code === undefined) return c.text('There is no such script', 404)
    return new Response(code, { headers: { 'content-type': 'text/javascript; charset=utf-8' } })
  })
  .get('/rooms/{room}', (c) => c.file('index.html', { root: page }))
  .get('/rooms', async (c) => {
    const rooms = Array.from(entered, async ([name, channel]) => {
      const members = await c.channels.presence(channel)
      return { name, size: new Set(members.map(({ user }) => user)).size }
    })
    return (await Promise.all(rooms)).filter(({ size }) => size > 0)
  })
  // Whoever gives a name has it: a real app checks a session or a signed token here.
  .authenticate((c, token) => {
    const user = cleanName(token)
    return user === undefined ? c.refuse('UNPROCESSABLE', 'name: expected a visible character') : { user }
  })
  .channel('rooms/{room}', {
    delivery: 'replay',
    history: { size: 1_000, ttl: '24h' },
    presence: true,
    events: {
      message: z.object({ id: z.string().max(64), text: z.string().trim().min(1).max(LONGEST_TEXT) }),
    },
    subscribe: (c) => {
      if (!isRoomName(c.params.room)) return false
      noteRoom(c.params.room, c.channel)
      return true
    },
    on: { message: (c, message): ChatMessage => ({ ...message, from: c.connection.user, at: Date.now() }) },
  })
  .channel('typing/{room}', {
    delivery: 'live',
    events: { typing: z.object({ isTyping: z.boolean() }) },
    subscribe: (c) => isRoomName(c.params.room),
    on: { typing: (c, { isTyping }) => ({ isTyping, from: c.connection.user }) },
  })

/** All that the page needs to know: its channels, their events and data are typed by it. */
export type App = typeof app

function noteRoom(name: string, channel: string): void {
  entered.delete(name)
  entered.set(name, channel)
  if (entered.size > 100) entered.delete(entered.keys().next().value ?? '')
}
