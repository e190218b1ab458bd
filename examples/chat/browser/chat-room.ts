import { ClientError, connect, type Client, type Publication, type StreamPosition } from 'goweb/client'
import type { App, ChatMessage } from '../app.ts'
import { Outgoing, type OutgoingListener } from './outgoing.ts'
import { People } from './people.ts'
import { Typists } from './typists.ts'

/** Messages that are read from the history at a time. */
const PAGE_SIZE = 50

/** Who goes where. */
export interface Visit {
  readonly room: string
  readonly name: string
}

/** A message in its place. */
export interface PlacedMessage extends ChatMessage {
  readonly position: StreamPosition
}

/** How the connection is; `closed` when it does not come back by itself. */
export interface RoomState {
  readonly phase: 'connecting' | 'online' | 'reconnecting' | 'offline' | 'closed'
  /** Why it is closed. */
  readonly reason: string
}

/** What a visit tells the page. */
export interface RoomListener extends OutgoingListener {
  onState(state: RoomState): void
  /** Messages of the room: its newest when it is entered; after a gap those that are new to the page. */
  onHistory(messages: readonly PlacedMessage[], why: 'entry' | 'gap'): void
  onMessage(message: PlacedMessage): void
  onMove(kind: 'joined' | 'left', name: string): void
  /** Who is here, or who is typing, has changed. */
  onPeople(): void
}

/** One visit to a room: everything the page needs to know of it, and nothing of how it travels. */
export class ChatRoom {
  readonly you: string
  readonly people: People
  readonly typists: Typists
  readonly outgoing: Outgoing
  readonly #listener: RoomListener
  readonly #client: Client<App>
  readonly #room: ReturnType<typeof roomChannel>
  readonly #typing: ReturnType<typeof typingChannel>
  #state: RoomState = { phase: 'connecting', reason: '' }
  #newest: StreamPosition | undefined
  #hasEntered = false
  #isLoading = false
  #hasLeft = false
  /** Changes with each loading: what an older one still brings is no news. */
  #turn = 0
  #stopListening = (): void => {}

  constructor({ room, name }: Visit, listener: RoomListener) {
    this.you = name
    this.#listener = listener
    this.#client = connect<App>('/', { getToken: () => name, maxReconnectDelayMs: 5_000 })
    this.#room = roomChannel(this.#client, room, () => void this.#load())
    this.#typing = typingChannel(this.#client, room)
    this.people = new People({
      onChange: () => listener.onPeople(),
      onMove: (kind, person) => person !== name && listener.onMove(kind, person),
    })
    this.typists = new Typists(() => listener.onPeople())
    this.outgoing = new Outgoing((message) => this.#room.publish('message', message), listener)

    this.#client.on('state', ({ code, reason }) => this.#showState(code, reason))
    this.#room.onStateChange(({ state, code, reason }) => {
      if (state === 'subscribed') {
        if (!this.#hasEntered) void this.#load()
        void this.people.load(() => this.#room.presence())
      }
      this.#showState(code, reason)
    })
    this.#room.onPresence('join', (info) => this.people.change('join', info))
    this.#room.onPresence('leave', (info) => {
      this.people.change('leave', info)
      if (!this.people.devices.has(info.user)) this.typists.set(info.user, false)
    })
    this.#typing.on('typing', ({ from, isTyping }) => from !== name && this.typists.set(from, isTyping))
  }

  get state(): RoomState {
    return this.#state
  }

  say(text: string): void {
    void this.outgoing.send({ id: randomId(), from: this.you, text, at: Date.now() })
  }

  /** @param isTyping told again now and then while it stays true, since others forget it after a while. */
  setTyping(isTyping: boolean): void {
    // Old news are no news: it does not wait for a connection, and whether it arrives does not matter.
    if (this.#typing.state === 'subscribed') this.#typing.publish('typing', { isTyping }).catch(() => {})
  }

  /** The messages before a place, the oldest first; none when no more are kept. Rejects without a connection. */
  async before(position: StreamPosition): Promise<PlacedMessage[]> {
    try {
      const page = await this.#room.history({ since: position, reverse: true, limit: PAGE_SIZE })
      return page.publications.map((publication) => placed(publication, page.position.epoch)).toReversed()
    } catch (error) {
      // The place itself is gone, and all before it.
      if (error instanceof ClientError && error.code === 'REFUSED') return []
      throw error
    }
  }

  /** Connects again where it is closed. */
  reconnect(): void {
    if (this.#client.state === 'disconnected') this.#client.connect()
    else location.reload()
  }

  leave(): void {
    this.#hasLeft = true
    this.#turn++
    this.outgoing.clear()
    this.typists.clear()
    this.#client.close()
  }

  /** Shows the newest messages, then what comes after them: on entry, and when messages were lost in between. */
  async #load(): Promise<void> {
    const turn = ++this.#turn
    // What comes in meanwhile waits in the subscription.
    this.#stopListening()
    this.#isLoading = true
    try {
      const page = await this.#room.history({ reverse: true, limit: PAGE_SIZE })
      if (turn !== this.#turn) return
      const messages = page.publications.map((publication) => placed(publication, page.position.epoch))
      this.#enter(messages.toReversed(), page.position)
    } catch (error) {
      // No connection yet: it is tried again, until this visit ends.
      if (turn === this.#turn && error instanceof ClientError && error.code === 'TIMEOUT') void this.#load()
    }
  }

  #enter(newest: readonly PlacedMessage[], { offset: top, epoch }: StreamPosition): void {
    const known = this.#newest?.epoch === epoch ? this.#newest.offset : 0
    const messages = newest.filter(({ position }) => position.offset > known)
    const why = this.#hasEntered ? 'gap' : 'entry'
    this.#newest = { offset: top, epoch }
    this.#hasEntered = true
    this.#isLoading = false
    for (const { id } of messages) this.outgoing.settle(id)
    this.#listener.onHistory(messages, why)
    this.#stopListening = this.#room.on('message', (message, { offset = 0 }) => {
      if (offset > top) this.#receive({ ...message, position: { offset, epoch } })
    })
    this.#showState(0, '')
  }

  #receive(message: PlacedMessage): void {
    this.#newest = message.position
    this.typists.set(message.from, false)
    this.outgoing.settle(message.id)
    this.#listener.onMessage(message)
  }

  /** @param code why, as the client tells it; 0 where it is no news. */
  #showState(code: number, reason: string): void {
    if (this.#hasLeft) return
    const isOnline = this.#room.state === 'subscribed' && !this.#isLoading
    const isClosed = this.#client.state === 'disconnected' || this.#room.state === 'unsubscribed'
    const hasFailed = this.#hasEntered || code !== 0 || this.#state.phase !== 'connecting'
    if (isClosed) this.#state = { phase: 'closed', reason }
    else if (isOnline) this.#state = { phase: 'online', reason: '' }
    else if (!navigator.onLine) this.#state = { phase: 'offline', reason: '' }
    else this.#state = { phase: hasFailed ? 'reconnecting' : 'connecting', reason: '' }
    if (!isOnline) this.typists.clear()
    this.outgoing.setOnline(isOnline)
    this.#listener.onState(this.#state)
  }
}

function roomChannel(client: Client<App>, room: string, onGap: () => void) {
  return client.channel('rooms/{room}', { room }, { onGap })
}

function typingChannel(client: Client<App>, room: string) {
  return client.channel('typing/{room}', { room })
}

function placed({ data, offset = 0 }: Publication<ChatMessage>, epoch: string): PlacedMessage {
  return { ...data, position: { offset, epoch } }
}

/** 128 random bits; `crypto.randomUUID` exists on secure origins only. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
