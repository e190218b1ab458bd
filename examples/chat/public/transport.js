/**
 * @typedef {object} TransportState
 * @property {'connecting' | 'online' | 'waiting' | 'offline' | 'closed'} phase `waiting` for the next attempt; `offline` while the
 * device has no network; `closed` for good.
 * @property {number} [retryAt] when the next attempt is made, in the time of `Date.now()`.
 * @property {number} [code] close code of the server, where that is why it is closed.
 */

/**
 * @typedef {object} TransportOptions
 * @property {(state: TransportState) => void} onState
 * @property {(message: any) => void} onMessage gets each message, parsed.
 */

const CONNECT_TIMEOUT_MS = 10_000
const REPLY_TIMEOUT_MS = 10_000
const QUIET_MS = 25_000
const FIRST_BACKOFF_MS = 500
const LONGEST_BACKOFF_MS = 30_000

/**
 * A WebSocket that carries JSON and comes back when it is lost.
 *
 * Messages are handed to the socket or refused: nothing is queued and nothing sent twice. The server answers `ping` with `pong`,
 * so a connection that is dead without knowing is noticed. Close codes from 4000 to 4099 mean: do not come back.
 */
export class Transport {
  #url
  #options
  /** @type {WebSocket | undefined} */
  #socket
  /** Aborted when its socket is no longer listened to. */
  #attempt = new AbortController()
  /** @type {ReturnType<typeof setTimeout> | undefined} For the next attempt, or the end of this one. */
  #attemptTimer
  /** @type {ReturnType<typeof setTimeout> | undefined} For the next ping, or the reply that is due. */
  #aliveTimer
  #isReplyDue = false
  #failures = 0
  /** @type {TransportState} */
  #state = { phase: 'connecting' }

  /**
   * @param {string | URL} url
   * @param {TransportOptions} options
   */
  constructor(url, options) {
    this.#url = url
    this.#options = options
  }

  /** Connects for the first time. */
  open() {
    globalThis.addEventListener?.('online', this.#onNetwork)
    globalThis.addEventListener?.('offline', this.#onNoNetwork)
    this.#connect()
  }

  get state() {
    return this.#state
  }

  /**
   * @param {object} message
   * @param {{ expectsReply?: boolean }} [options] without a reply in time the connection counts as lost.
   * @returns {boolean} whether it was handed to the connection; only the server's answer tells that it arrived.
   */
  send(message, { expectsReply = false } = {}) {
    if (this.#state.phase !== 'online' || this.#socket === undefined) return false
    this.#socket.send(JSON.stringify(message))
    if (expectsReply && !this.#isReplyDue) this.#awaitReply()
    return true
  }

  /** Connects at once where that waits; finds out at once whether the connection lives where there is one. */
  wake() {
    const { phase } = this.#state
    if (phase === 'online') this.send({ kind: 'ping' }, { expectsReply: true })
    else if (phase === 'waiting' || phase === 'offline') this.#connect()
  }

  /** Ends it for good; nothing more is told. */
  close() {
    globalThis.removeEventListener?.('online', this.#onNetwork)
    globalThis.removeEventListener?.('offline', this.#onNoNetwork)
    this.#drop()
    this.#state = { phase: 'closed' }
  }

  #connect() {
    this.#drop()
    this.#setState({ phase: 'connecting' })
    const socket = new WebSocket(this.#url)
    const { signal } = (this.#attempt = new AbortController())
    this.#socket = socket
    this.#attemptTimer = setTimeout(() => this.#lose(), CONNECT_TIMEOUT_MS)
    const onOpen = () => {
      clearTimeout(this.#attemptTimer)
      this.#setState({ phase: 'online' })
      this.#awaitQuiet()
    }
    /** @param {MessageEvent} event */
    const onMessage = ({ data }) => {
      // Reset by a message, not by an open socket: a server that accepts and closes at once must not be hammered.
      this.#failures = 0
      this.#awaitQuiet()
      const message = JSON.parse(data)
      if (message.kind !== 'pong') this.#options.onMessage(message)
    }
    /** @param {CloseEvent} event */
    const onClose = ({ code }) => {
      if (code < 4000 || code > 4099) return this.#lose()
      this.close()
      this.#setState({ phase: 'closed', code })
    }
    socket.addEventListener('open', onOpen, { signal })
    socket.addEventListener('message', onMessage, { signal })
    socket.addEventListener('close', onClose, { signal })
  }

  #lose() {
    this.#drop()
    // Full jitter: many pages that lose the same server come back spread over the whole time.
    const delay = Math.random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures++)
    this.#attemptTimer = setTimeout(() => this.#connect(), delay)
    const isOffline = !(globalThis.navigator?.onLine ?? true)
    this.#setState(isOffline ? { phase: 'offline' } : { phase: 'waiting', retryAt: Date.now() + delay })
  }

  /** Forgets the socket without waiting for its end, which a dead network never tells. */
  #drop() {
    clearTimeout(this.#attemptTimer)
    clearTimeout(this.#aliveTimer)
    this.#isReplyDue = false
    this.#attempt.abort()
    this.#socket?.close()
    this.#socket = undefined
  }

  #awaitQuiet() {
    this.#isReplyDue = false
    clearTimeout(this.#aliveTimer)
    this.#aliveTimer = setTimeout(() => this.send({ kind: 'ping' }, { expectsReply: true }), QUIET_MS)
  }

  #awaitReply() {
    this.#isReplyDue = true
    clearTimeout(this.#aliveTimer)
    this.#aliveTimer = setTimeout(() => this.#lose(), REPLY_TIMEOUT_MS)
  }

  #onNetwork = () => {
    this.#failures = 0
    if (this.#state.phase !== 'online') this.#connect()
  }

  #onNoNetwork = () => {
    this.#drop()
    this.#setState({ phase: 'offline' })
  }

  /** @param {TransportState} state */
  #setState(state) {
    this.#state = state
    this.#options.onState(state)
  }
}
