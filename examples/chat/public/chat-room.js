import { Transport } from './transport.js'

/**
 * @typedef {object} ChatMessage
 * @property {string} [id] the server's name for it; absent until the server has it.
 * @property {string} [ref] what its writer's page calls it.
 * @property {string} name
 * @property {string} text
 * @property {number} at milliseconds since 1970, by the server's clock once it has an id.
 */

/**
 * What became of a message of one's own that the server has not confirmed: `sending`; `unsure` when the connection was lost
 * before an answer; `failed` when the server does not have it.
 * @typedef {'sending' | 'unsure' | 'failed'} Outcome
 */

/**
 * What a visit tells the page.
 * @typedef {object} ChatListener
 * @property {(state: import('./transport.js').TransportState) => void} onState
 * @property {(news: { messages: ChatMessage[], isReturn: boolean, mayMiss: boolean }) => void} onEntered with the messages that are
 * new to the page; `mayMiss` when there may have been more between those and what it has.
 * @property {(message: ChatMessage) => void} onMessage
 * @property {(message: ChatMessage, outcome: Outcome, reason?: string) => void} onPending
 * @property {(message: ChatMessage) => void} onSettled when a pending message is pending no longer: it arrived, or was discarded.
 * @property {(change: { kind: 'joined' | 'left', name: string, at: number }) => void} onMove
 * @property {() => void} onMembers
 * @property {() => void} onTyping
 * @property {(code: string) => void} onRefused
 */

const TYPING_SHOWN_MS = 6_000

/**
 * One visit to a room: everything the page needs to know of it, and nothing of how it travels.
 *
 * It sends over raw sockets, which lose what is under way when a connection breaks. It finds that out from the room's
 * last messages after coming back, and says so instead of guessing.
 */
export class ChatRoom {
  /** The name that the room gave: `Ada 2` where there was an Ada. */
  you
  /** @type {Set<string>} */
  members = new Set()
  #listener
  #transport
  /** @type {Map<string, { message: ChatMessage, outcome: Outcome }>} By ref. */
  #pending = new Map()
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #typing = new Map()
  /** @type {string | undefined} */
  #lastId
  #hasEntered = false
  #isInside = false
  #isTyping = false

  /**
   * @param {{ room: string, name: string }} visit
   * @param {ChatListener} listener
   */
  constructor({ room, name }, listener) {
    this.you = name
    this.#listener = listener
    const url = new URL(`/rooms/${encodeURIComponent(room)}/socket`, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    url.search = String(new URLSearchParams({ name, tab: randomId() }))
    this.#transport = new Transport(url, {
      onState: (state) => this.#onState(state),
      onMessage: (message) => this.#onMessage(message),
    })
  }

  enter() {
    this.#transport.open()
  }

  /** Who is typing now, oneself excluded. */
  get typists() {
    return [...this.#typing.keys()]
  }

  /** Whether a message can be sent now. */
  get isOpen() {
    return this.#isInside
  }

  /** @param {string} text */
  say(text) {
    const message = { ref: randomId(), name: this.you, text, at: Date.now() }
    this.setTyping(false)
    this.#sendMessage(message)
  }

  /** @param {string} ref of a pending message. */
  retry(ref) {
    const entry = this.#pending.get(ref)
    if (entry?.outcome === 'failed' && this.isOpen)
      this.#sendMessage({ ...entry.message, ref, at: Date.now() })
  }

  /** @param {string} ref of a pending message. */
  discard(ref) {
    this.#settle(ref)
  }

  /** @param {boolean} isTyping told again now and then while it stays true, since others forget it after a while. */
  setTyping(isTyping) {
    if (!isTyping && !this.#isTyping) return
    this.#isTyping = isTyping
    this.#transport.send({ kind: 'typing', on: isTyping })
  }

  /** Tries to connect now, or finds out whether the connection still lives. */
  wake() {
    this.#transport.wake()
  }

  leave() {
    this.#transport.close()
    for (const timer of this.#typing.values()) clearTimeout(timer)
    this.#typing.clear()
  }

  /** @param {ChatMessage & { ref: string }} message */
  #sendMessage(message) {
    const { ref, text } = message
    const isSent = this.#transport.send({ kind: 'message', ref, text }, { expectsReply: true })
    this.#setPending(message, isSent ? 'sending' : 'failed')
  }

  /** @param {import('./transport.js').TransportState} state */
  #onState(state) {
    this.#isInside = false
    if (state.phase !== 'online') {
      this.#isTyping = false
      for (const name of this.typists) this.#setTypist(name, false)
      for (const { message, outcome } of this.#pending.values()) {
        if (outcome === 'sending') this.#setPending(message, 'unsure')
      }
    }
    // The socket is open, but the room has not answered yet.
    this.#listener.onState(state.phase === 'online' ? { phase: 'connecting' } : state)
  }

  /** @param {any} message as `room.ts` sends it. */
  #onMessage(message) {
    switch (message.kind) {
      case 'welcome':
        return this.#welcome(message)
      case 'message':
        return this.#receive(message)
      case 'joined':
        this.members.add(message.name)
        this.#listener.onMembers()
        return this.#listener.onMove(message)
      case 'left':
        this.members.delete(message.name)
        this.#setTypist(message.name, false)
        this.#listener.onMembers()
        return this.#listener.onMove(message)
      case 'typing':
        return this.#setTypist(message.name, message.on)
      case 'error':
        return this.#refuse(message)
      default: // A newer server may say more.
    }
  }

  /** @param {{ you: string, members: string[], history: ChatMessage[] }} welcome */
  #welcome({ you, members, history }) {
    const isReturn = this.#hasEntered
    const known = history.findIndex(({ id }) => id === this.#lastId)
    const messages = history.slice(known + 1)
    this.you = you
    this.members = new Set(members)
    const mayMiss = isReturn && known === -1 && this.#lastId !== undefined
    this.#hasEntered = this.#isInside = true
    this.#lastId = history.at(-1)?.id ?? this.#lastId

    for (const { ref } of history) this.#settle(ref)
    for (const { message, outcome } of this.#pending.values()) {
      if (outcome === 'unsure') this.#setPending(message, 'failed')
    }
    this.#listener.onEntered({ messages, isReturn, mayMiss })
    this.#listener.onMembers()
    this.#listener.onState({ phase: 'online' })
  }

  /** @param {ChatMessage} message */
  #receive(message) {
    this.#lastId = message.id
    this.#setTypist(message.name, false)
    this.#settle(message.ref)
    this.#listener.onMessage(message)
  }

  /** @param {{ code: string, ref?: string }} error */
  #refuse({ code, ref }) {
    const entry = ref === undefined ? undefined : this.#pending.get(ref)
    if (entry !== undefined) this.#setPending(entry.message, 'failed', code)
    this.#listener.onRefused(code)
  }

  /**
   * @param {ChatMessage} message
   * @param {Outcome} outcome
   * @param {string} [reason] the code of a refusal.
   */
  #setPending(message, outcome, reason) {
    this.#pending.set(/** @type {string} */ (message.ref), { message, outcome })
    this.#listener.onPending(message, outcome, reason)
  }

  /** @param {string | undefined} ref */
  #settle(ref) {
    const entry = ref === undefined ? undefined : this.#pending.get(ref)
    if (entry === undefined || ref === undefined) return
    this.#pending.delete(ref)
    this.#listener.onSettled(entry.message)
  }

  /**
   * @param {string} name
   * @param {boolean} isTyping
   */
  #setTypist(name, isTyping) {
    clearTimeout(this.#typing.get(name))
    const wasTyping = this.#typing.delete(name)
    if (isTyping)
      this.#typing.set(
        name,
        setTimeout(() => this.#setTypist(name, false), TYPING_SHOWN_MS),
      )
    if (isTyping !== wasTyping) this.#listener.onTyping()
  }
}

/** 128 random bits; `crypto.randomUUID` exists on secure origins only. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
