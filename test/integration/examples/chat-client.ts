import { once } from 'node:events'
import { WebSocket } from 'ws'
import { Inbox } from './inbox.ts'

/** A message of the chat server, as the page gets it. */
export interface ChatNews {
  readonly kind: string
  readonly name?: string
  readonly text?: string
  readonly at?: number
  readonly id?: string
  readonly ref?: string
  readonly on?: boolean
  readonly code?: string
  readonly you?: string
  readonly members?: readonly string[]
  readonly history?: readonly ChatNews[]
}

/** Who enters, and where. */
export interface ChatVisit {
  readonly room?: string
  readonly name?: string
  readonly tab?: string
}

/** A visitor of the chat that speaks to its socket without the page. */
export class ChatClient {
  readonly news: Inbox<ChatNews> = new Inbox()
  readonly socket: WebSocket
  /** Close code and reason, once the connection has ended. */
  readonly closed: Promise<{ code: number; reason: string }>

  constructor(port: number, { room = 'lobby', name = 'Ada', tab }: ChatVisit = {}) {
    const query = new URLSearchParams({ name, ...(tab !== undefined && { tab }) })
    this.socket = new WebSocket(
      `ws://localhost:${port}/rooms/${encodeURIComponent(room)}/socket?${query.toString()}`,
    )
    this.socket.on('message', (data: Buffer) => {
      this.news.push(JSON.parse(data.toString()) as ChatNews)
    })
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }))
    })
  }

  /** Enters a room; resolves with the visitor and what the room said. */
  static async enter(port: number, visit?: ChatVisit): Promise<{ client: ChatClient; welcome: ChatNews }> {
    const client = new ChatClient(port, visit)
    await once(client.socket, 'open')
    return { client, welcome: await client.next('welcome') }
  }

  /** The next message of a kind. */
  next(kind: string): Promise<ChatNews> {
    return this.news.next((news) => news.kind === kind)
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message))
  }

  say(text: string, ref?: string): void {
    this.send({ kind: 'message', text, ref })
  }

  /** Leaves, and waits until the server has noticed. */
  async leave(): Promise<void> {
    this.socket.close()
    await this.closed
  }
}

/** The HTTP status that refuses a handshake. */
export async function refusal(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const socket = new WebSocket(`ws://localhost:${port}${path}`, { headers })
  socket.on('error', () => {}) // Refused, as is asked for.
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; resume: () => void },
  ]
  response.resume()
  socket.terminate()
  return response.statusCode
}
