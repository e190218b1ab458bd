import type { Clock } from '../internal/clock.ts'
import { LabPipe, type LinkConditions } from './lab-pipe.ts'
import type { LabSocket, LabSocketLink } from './lab-socket.ts'
import type { LabTransportLink } from './lab-transport.ts'

/** What a server makes of a connection. */
export interface LabConnection {
  receive(text: string): void
  closed(code: number, reason: string): void
}

/** A server as the network sees it. */
export interface LabListener {
  /** Bytes that may wait for a client before the connection is closed. */
  readonly maxBufferedBytes: number
  /** Undefined while nobody listens. */
  accept(link: LabLink): LabConnection | undefined
}

/** Sees what is said on connections, at the server's end: before it is delayed or lost there, after that on the way to it. */
export interface LinkWatcher {
  onUp(link: LabLink, text: string): void
  onDown(link: LabLink, text: string): void
}

/** Chances that replies go astray. */
export interface ReplyFaults {
  /** That a reply is lost. */
  readonly lost: number
  /** That a reply comes twice. */
  readonly repeated: number
}

/** What a connection has in common with the others of its lab. */
export interface LinkHost {
  readonly clock: Clock
  readonly conditions: LinkConditions
  readonly replies: ReplyFaults
  readonly watchers: readonly LinkWatcher[]
  /** The connection is over at the server's end. */
  forget(link: LabLink): void
}

/** Code of a connection that ended without a close frame (RFC 6455 section 7.1.5). */
const ABNORMAL = 1006
/** Longest time until an end notices that the connection was cut. */
const NOTICE_MS = 50
/** Bytes of a handshake. */
const HANDSHAKE_BYTES = 300

/** One connection of a client to a server, and what may go wrong with it. */
export class LabLink implements LabSocketLink, LabTransportLink {
  readonly socket: LabSocket
  readonly listener: LabListener
  readonly #host: LinkHost
  readonly #up: LabPipe
  readonly #down: LabPipe
  #connection: LabConnection | undefined
  #isOver = false

  constructor(host: LinkHost, socket: LabSocket, listener: LabListener) {
    this.#host = host
    this.socket = socket
    this.listener = listener
    this.#up = new LabPipe(host.clock, host.conditions)
    this.#down = new LabPipe(host.clock, host.conditions)
    socket.use(this)
    this.#up.send(HANDSHAKE_BYTES, () => this.#open())
  }

  get bufferedBytes(): number {
    return this.#down.bufferedBytes
  }

  sendUp(text: string): void {
    this.#up.send(text.length, () => {
      if (this.#connection === undefined) return
      for (const watcher of this.#host.watchers) watcher.onUp(this, text)
      this.#connection.receive(text)
    })
  }

  sendDown(text: string): void {
    if (this.#isOver) return
    const { watchers, replies, clock } = this.#host
    for (const watcher of watchers) watcher.onDown(this, text)
    if (text.startsWith('{"id":')) {
      if (replies.lost > 0 && clock.random() < replies.lost) return
      if (replies.repeated > 0 && clock.random() < replies.repeated) this.#carryDown(text)
    }
    this.#carryDown(text)
    // As a server does with a socket whose client does not read; not within the call that sends.
    if (this.bufferedBytes > this.listener.maxBufferedBytes) clock.after(0, () => this.cut())
  }

  closeByClient(code: number, reason: string): void {
    this.#up.send(0, () => this.#endAtServer(code, reason))
  }

  closeByServer(code: number, reason: string): void {
    this.#up.kill()
    this.#down.send(0, () => this.socket.ended(code, reason))
    this.#isOver = true
    this.#connection = undefined
    this.#host.forget(this)
  }

  /** Changes delay and speed of both directions. */
  shape(conditions: Partial<LinkConditions>): void {
    for (const pipe of [this.#up, this.#down]) pipe.conditions = { ...pipe.conditions, ...conditions }
  }

  /** Holds everything back for a while, in both directions. */
  hold(ms: number): void {
    this.#up.hold(ms)
    this.#down.hold(ms)
  }

  /** Ends the connection for both, and what is on its way is lost. */
  cut(): void {
    const { clock } = this.#host
    this.#up.kill()
    this.#down.kill()
    clock.after(clock.random() * NOTICE_MS, () => this.socket.ended(ABNORMAL, ''))
    clock.after(clock.random() * NOTICE_MS, () => this.#endAtServer(ABNORMAL, ''))
  }

  /** Nothing arrives any more, and neither end is told. */
  silence(direction: 'up' | 'down' | 'both'): void {
    if (direction !== 'down') this.#up.kill()
    if (direction !== 'up') this.#down.kill()
  }

  /** The server is gone. @param isSilent not even its kernel tells the client. */
  lose(isSilent: boolean): void {
    this.#isOver = true
    this.#connection = undefined
    this.#up.kill()
    if (isSilent) this.#down.kill()
    else this.#down.send(0, () => this.socket.ended(ABNORMAL, ''))
    this.#host.forget(this)
  }

  #open(): void {
    const connection = this.listener.accept(this)
    if (connection === undefined) {
      this.lose(false)
      return
    }
    if (!this.#isOver) this.#connection = connection
    this.#down.send(HANDSHAKE_BYTES, () => this.socket.opened())
  }

  #carryDown(text: string): void {
    this.#down.send(text.length, () => this.socket.received(text))
  }

  #endAtServer(code: number, reason: string): void {
    const connection = this.#connection
    if (this.#isOver) return
    this.#isOver = true
    this.#connection = undefined
    this.#host.forget(this)
    connection?.closed(code, reason)
  }
}
