import { connect, type Client, type HistoryPage } from 'goweb/client'
import type { App, ChatMessage } from '../../../examples/chat/app.ts'
import { Inbox } from './inbox.ts'

/** Who enters, and where. */
export interface ChatVisit {
  readonly room?: string
  readonly name?: string
}

/** Something that a room tells. */
export interface ChatNews {
  readonly kind: 'message' | 'typing' | 'join' | 'leave' | 'gap'
  readonly from?: string
  readonly text?: string
  readonly id?: string
  readonly at?: number
  readonly isTyping?: boolean
}

function roomChannel(client: Client<App>, room: string, onGap: () => void) {
  return client.channel('rooms/{room}', { room }, { onGap })
}

function typingChannel(client: Client<App>, room: string) {
  return client.channel('typing/{room}', { room })
}

/** A visitor of the chat without a page. */
export class ChatClient {
  readonly news: Inbox<ChatNews> = new Inbox()
  readonly states: Inbox<{ state: string; code: number; reason: string }> = new Inbox()
  readonly room: ReturnType<typeof roomChannel>
  readonly typing: ReturnType<typeof typingChannel>
  readonly #client: Client<App>

  constructor(port: number, { room = 'lobby', name = 'Ada' }: ChatVisit = {}) {
    this.#client = connect<App>(`http://localhost:${port}/`, { getToken: () => name })
    this.#client.on('state', (change) => this.states.push(change))
    this.room = roomChannel(this.#client, room, () => this.news.push({ kind: 'gap' }))
    this.typing = typingChannel(this.#client, room)
    for (const channel of [this.room, this.typing])
      channel.onStateChange((change) => this.states.push(change))
    this.room.on('message', (message) => this.news.push({ kind: 'message', ...message }))
    this.typing.on('typing', (typing) => this.news.push({ kind: 'typing', ...typing }))
    for (const kind of ['join', 'leave'] as const) {
      this.room.onPresence(kind, ({ user }) => this.news.push({ kind, from: user }))
    }
  }

  /** Enters a room; resolves when it hears what is said and who types. */
  static async enter(port: number, visit?: ChatVisit): Promise<ChatClient> {
    const client = new ChatClient(port, visit)
    for (let n = 0; n < 2; n++) await client.states.next(({ state }) => state === 'subscribed')
    return client
  }

  /** The next news of a kind. */
  next(kind: ChatNews['kind']): Promise<ChatNews> {
    return this.news.next((news) => news.kind === kind)
  }

  say(text: string, id: string = crypto.randomUUID()): Promise<void> {
    return this.room.publish('message', { id, text })
  }

  /** Names of those who are there, one for each connection. */
  async members(): Promise<string[]> {
    return (await this.room.presence()).map(({ user }) => user).toSorted()
  }

  async history(
    query: Parameters<typeof this.room.history>[0],
  ): Promise<HistoryPage<ChatMessage> & { texts: string[] }> {
    const page = await this.room.history(query)
    const texts = page.publications.map(({ data }) => data.text)
    return { ...page, texts }
  }

  leave(): void {
    this.#client.close()
  }
}
