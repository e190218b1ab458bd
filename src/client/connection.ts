/* oxlint-disable unicorn/prefer-add-event-listener -- what `WebSocketLike` asks for is the least that all of them have */
import type { ConnectResult, Push, Reply } from '../protocol/reply.ts'
import { backoffMs } from './backoff.ts'
import { ClientError } from './client-error.ts'
import type { ClientSettings } from './client-settings.ts'
import { FrameWriter } from './frame-writer.ts'
import { PingWatch } from './ping-watch.ts'
import { TokenSource } from './token-source.ts'
import type { WebSocketLike } from './web-socket-like.ts'
import { LOST, TIMED_OUT, type Wire } from './wire.ts'

/** Whether the client has a connection, is about to get one, or has given up. */
export type ConnectionState = 'connecting' | 'connected' | 'disconnected'

/** Why a state has changed. */
export interface Cause {
  /** From 3000 on the server's, from 1000 on the WebSocket's, from 100 on that of an error reply, else the client's own. */
  readonly code: number
  readonly reason: string
}

const ASKED: Cause = { code: 0, reason: 'asked to' }
const NO_TOKEN: Cause = { code: 1, reason: 'no token' }
const TIMEOUT: Cause = { code: 2, reason: 'time-out' }
const NO_PING: Cause = { code: 3, reason: 'no ping' }
const OFFLINE: Cause = { code: 4, reason: 'offline' }
const BAD_PROTOCOL: Cause = { code: 5, reason: 'bad protocol' }
const NO_SOCKET: Cause = { code: 6, reason: 'no WebSocket' }
const OTHER_USER: Cause = { code: 7, reason: 'other user' }

/** WebSocket close code for a message that is too big (RFC 6455 section 7.4.1): sent again, it would be again. */
const TOO_BIG = 1009
/** The server has had no `connect` in time. This client sent one: it was late or lost, and the next one need not be. */
const STALE = 3502
/** The server goes, and another takes its place or is there already. */
const SHUTDOWN = 3001
/** So many attempts then do not make waits longer: the other one may need ten seconds, and nobody should be away for long after that. */
const PATIENT_ATTEMPTS = 9
/** A connection that held so long was a good one: waits begin small again. */
const STABLE_MS = 10_000
const TOKEN_EXPIRED = 109
const CONNECTION_EXPIRED = 3005

/** What a {@link Connection} tells its owner. */
export interface ConnectionEvents {
  onState(state: ConnectionState, cause: Cause, result?: ConnectResult): void
  onPush(push: Push): void
}

/** A connection that is made again whenever it is lost, unless the server says not to. */
export class Connection implements Wire {
  readonly settings: ClientSettings
  state: ConnectionState = 'disconnected'
  ending: ClientError | undefined
  readonly #url: string
  readonly #events: ConnectionEvents
  readonly #tokens: TokenSource
  readonly #pings: PingWatch
  readonly #writer = new FrameWriter((frame) => this.#socket?.send(frame))
  readonly #pending = new Map<number, (reply: Reply) => void>()
  #socket: WebSocketLike | undefined
  #lastId = 0
  /** Changes whenever a connection is tried or let go: what an older one still brings is no news. */
  #turn = 0
  /** Less than 0: waits do not grow yet. */
  #attempts = 0
  #isWaiting = false
  #connectedAtMs = 0
  #needsPong = false
  /** Of the next attempt, or of the end of this one. */
  #cancelTimer: (() => void) | undefined

  constructor(url: string, settings: ClientSettings, events: ConnectionEvents) {
    this.#url = url
    this.settings = settings
    this.#events = events
    this.#tokens = new TokenSource(settings)
    this.#pings = new PingWatch(settings, () => this.drop(NO_PING))
  }

  get isConnected(): boolean {
    return this.state === 'connected'
  }

  /** Starts; nothing while it is connected or about to be. */
  open(): void {
    if (this.state !== 'disconnected') return
    this.#attempts = 0
    this.ending = undefined
    this.#become('connecting', ASKED)
    void this.#try()
  }

  /** Gives up, until it is opened again. */
  close(cause: Cause = ASKED): void {
    if (this.state === 'disconnected') return
    this.#letGo()
    this.ending = new ClientError('DISCONNECTED', cause.reason, cause)
    this.#become('disconnected', cause)
  }

  /** Lets go of the connection and makes another in a while. */
  drop(cause: Cause = OFFLINE): void {
    if (this.state === 'disconnected' || this.#isWaiting) return
    const { clock } = this.settings
    if (this.isConnected) {
      if (cause.code === SHUTDOWN) this.#attempts = -PATIENT_ATTEMPTS
      else if (clock.now() - this.#connectedAtMs >= STABLE_MS) this.#attempts = 0
    }
    this.#letGo()
    this.#isWaiting = true
    const attempt = this.#attempts < 0 ? 1 : this.#attempts
    this.#attempts = this.#attempts + 1 || 1
    this.#cancelTimer = clock.after(backoffMs(this.settings, attempt), () => void this.#try())
    this.#become('connecting', cause)
  }

  /** Tries now instead of later, or looks whether the connection still lives. */
  wake(): void {
    if (this.#isWaiting) void this.#try()
    else if (this.isConnected) this.#pings.check()
  }

  request(
    method: string,
    body: string,
    onReply: (reply: Reply) => void,
    timeoutMs: number = this.settings.timeoutMs,
  ): number {
    const id = ++this.#lastId
    const settle = (reply: Reply): void => {
      if (!this.#pending.delete(id)) return
      cancelTimer()
      onReply(reply)
    }
    const cancelTimer = this.settings.clock.after(timeoutMs, () => settle({ error: TIMED_OUT }))
    this.#pending.set(id, settle)
    if (this.isConnected || method === 'connect') this.#writer.write(`{"id":${id},"${method}":${body}}`)
    else queueMicrotask(() => settle({ error: LOST }))
    return id
  }

  /** Sends a command without a reply, if there is a connection. */
  send(line: string): void {
    if (this.isConnected) this.#writer.write(line)
  }

  async #try(): Promise<void> {
    const turn = ++this.#turn
    this.#isWaiting = false
    this.#cancelTimer?.()
    let cause = NO_TOKEN
    try {
      await this.settings.outbox?.ready
      const token = await this.#tokens.get()
      if (turn !== this.#turn) return
      cause = NO_SOCKET
      if (token === null) this.close(NO_TOKEN)
      else this.#openSocket(token)
    } catch (error) {
      this.settings.onError(error)
      if (turn === this.#turn) this.drop(cause)
    }
  }

  #openSocket(token: string | undefined): void {
    const { clock, data, timeoutMs, WebSocket } = this.settings
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    this.#cancelTimer = clock.after(timeoutMs, () => this.drop(TIMEOUT))
    socket.onopen = () =>
      this.request('connect', JSON.stringify({ token, data, name: 'goweb' }), (reply) =>
        this.#onConnectReply(reply),
      )
    socket.onmessage = (event) => this.#receive(event.data)
    socket.onclose = (event) => this.#onEnd(event)
    // The end that follows says more.
    socket.onerror = () => {}
  }

  #onConnectReply({ error, connect }: Reply): void {
    if (error === LOST) return
    if (connect === undefined) {
      const cause = error ? { code: error.code, reason: error.message } : BAD_PROTOCOL
      const mayPass = error?.temporary === true || (error?.code === TOKEN_EXPIRED && this.#tokens.drop())
      if (mayPass) this.drop(cause)
      else this.close(cause)
      return
    }
    const { outbox } = this.settings
    if (outbox && outbox.user !== (connect.user ?? '')) {
      this.close(OTHER_USER)
      return
    }
    this.#cancelTimer?.()
    this.#connectedAtMs = this.settings.clock.now()
    this.#needsPong = connect.pong === true
    this.#pings.start(connect.ping)
    this.#tokens.expectExpiry(connect.ttl, () => void this.#refresh())
    this.#become('connected', ASKED, connect)
  }

  async #refresh(attempts = 0): Promise<void> {
    const turn = this.#turn
    const again = (): void =>
      this.#tokens.callBack(backoffMs(this.settings, attempts), () => void this.#refresh(attempts + 1))
    try {
      this.#tokens.drop()
      const token = await this.#tokens.get()
      if (turn !== this.#turn) return
      if (token === null) {
        this.close(NO_TOKEN)
        return
      }
      this.request('refresh', JSON.stringify({ token }), ({ error, refresh }) => {
        if (error === LOST) return
        if (error === undefined) this.#tokens.expectExpiry(refresh?.ttl, () => void this.#refresh())
        else if (error.temporary || error.code === TOKEN_EXPIRED) again()
        else this.close({ code: error.code, reason: error.message })
      })
    } catch (error) {
      this.settings.onError(error)
      if (turn === this.#turn) again()
    }
  }

  #receive(data: unknown): void {
    const turn = this.#turn
    this.#pings.heard()
    for (const line of String(data).split('\n')) {
      // A line may end the connection; what comes after it does not count then.
      if (line === '' || turn !== this.#turn) continue
      const reply = parseReply(line)
      if (reply === undefined) {
        this.drop(BAD_PROTOCOL)
        return
      }
      if (reply.id) this.#pending.get(reply.id)?.(reply)
      else if (reply.push?.disconnect) this.#onEnd(reply.push.disconnect)
      else if (reply.push) this.#events.onPush(reply.push)
      else if (this.#needsPong) this.#writer.write('{}')
    }
  }

  #onEnd({ code, reason }: Cause): void {
    if (code === CONNECTION_EXPIRED) this.#tokens.drop()
    const isFinal =
      code === TOO_BIG || (code >= 3500 && code < 4000 && code !== STALE) || (code >= 4500 && code < 5000)
    if (isFinal) this.close({ code, reason })
    else this.drop({ code, reason })
  }

  #letGo(): void {
    this.#turn++
    this.#isWaiting = false
    this.#cancelTimer?.()
    this.#pings.stop()
    this.#tokens.stop()
    this.#writer.clear()
    const socket = this.#socket
    this.#socket = undefined
    if (socket === undefined) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #become(state: ConnectionState, cause: Cause, result?: ConnectResult): void {
    this.state = state
    if (state !== 'connected') {
      const pending = [...this.#pending.values()]
      for (const settle of pending) settle({ error: LOST })
    }
    this.#events.onState(state, cause, result)
  }
}

/** A line of the server; undefined when it is none. */
function parseReply(line: string): Reply | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
