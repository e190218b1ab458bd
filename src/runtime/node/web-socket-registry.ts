import type { AcceptedUpgrade, Dispatcher } from '../../app/dispatcher.ts'
import type { CompressionSetup } from '../../websocket/compression-setup.ts'
import type { DeflateCodec } from '../../websocket/deflate-codec.ts'
import { DeadlineWheel, TICK_MS } from '../../websocket/deadline-wheel.ts'
import type { DeflateAgreement } from '../../websocket/deflate-offer.ts'
import { ParserPool } from '../../websocket/parser-pool.ts'
import { ServerSocket } from '../../websocket/server-socket.ts'
import type { SocketDriver } from '../../websocket/socket-driver.ts'
import type { SocketGate } from '../../websocket/socket-gate.ts'
import type { SocketHost } from '../../websocket/socket-host.ts'
import type { Socket } from '../../websocket/socket.ts'
import type { TopicHub } from '../../websocket/topic-hub.ts'
import { ZlibCodec } from '../zlib-codec.ts'
import {
  connectSocket,
  nodeSocketDriver,
  type NodeConnection,
  type NodeWebSocket,
} from './web-socket-driver.ts'

/** A connection whose upgrade was accepted. */
export interface AcceptedConnection {
  readonly connection: NodeConnection
  readonly accepted: AcceptedUpgrade
  /** What the answer says of compression. */
  readonly agreement: DeflateAgreement | undefined
  /** The 101 answer, in latin1. */
  readonly answer: string
  /** What came with the handshake: the first frames. */
  readonly head: Buffer
}

/** All open sockets of one server: their heartbeat, and their end when the server closes. */
export class WebSocketRegistry implements SocketHost<NodeConnection, AcceptedUpgrade> {
  readonly driver: SocketDriver<NodeConnection> = nodeSocketDriver
  readonly hub: TopicHub
  readonly gate: SocketGate
  readonly parsers: ParserPool = new ParserPool()
  readonly wheel: DeadlineWheel<NodeWebSocket> = new DeadlineWheel(performance.now())
  readonly #dispatcher: Dispatcher
  readonly #codec: DeflateCodec = new ZlibCodec()
  #timer: NodeJS.Timeout | undefined
  #isClosing = false
  #whenEmpty: (() => void)[] = []
  /**
   * Connections that ask for an upgrade, until they are sockets or gone: Node's server does not count them among its own. With the
   * address of those that have entered the gate.
   */
  readonly #watched: Map<NodeConnection, string | undefined> = new Map()
  #latestIp = ''
  readonly #onWatchedClose: (this: NodeConnection) => void

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher
    const watched = this.#watched
    const { gate } = dispatcher
    this.#onWatchedClose = function () {
      const ip = watched.get(this)
      watched.delete(this)
      if (ip !== undefined) gate.leave(ip)
    }
    this.hub = dispatcher.hub
    this.gate = gate
    this.hub.counters.servers.add(this)
    // The end of the poll phase: all that was read in this turn has been handled, nothing waits longer than that.
    this.hub.turn.scheduleWith(setImmediate)
  }

  /** Sockets that are not closed. */
  get size(): number {
    return this.wheel.size
  }

  /** Whether `refuseUpgrades` or `closeAll` was called; upgrades are to be refused from then on. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Notes a connection that Node's server has given away, so that it ends with the server. */
  watch(connection: NodeConnection): void {
    this.#watched.set(connection, undefined)
    connection.on('close', this.#onWatchedClose)
  }

  /**
   * Counts a watched connection among those that are or may become sockets, until it is gone.
   *
   * @throws `SOCKETS_TOO_MANY`, `SOCKETS_TOO_MANY_FROM_ADDRESS`
   */
  enter(connection: NodeConnection, ip: string): void {
    this.gate.enter(ip)
    // Behind a proxy all come from one address: one text is kept, not one for each.
    if (ip !== this.#latestIp) this.#latestIp = ip
    this.#watched.set(connection, this.#latestIp)
  }

  /** Bytes that wait for slow peers. */
  bufferedBytes(): number {
    let bytes = 0
    for (const socket of this.wheel.entries()) bytes += socket.bufferedAmount
    return bytes
  }

  /** Makes the socket of an accepted upgrade, opens it and hands it what has arrived. */
  accept({ connection, accepted, agreement, answer, head }: AcceptedConnection): void {
    const compression = this.#compression(accepted, agreement)
    const ip = this.#watched.get(connection) ?? ''
    const socket = new ServerSocket(this, { handle: connection, setup: accepted, ip, compression })
    this.#watched.delete(connection)
    connection.off('close', this.#onWatchedClose)
    connectSocket(connection, socket)
    this.#timer ??= this.#startTimer()
    const isTakenAtOnce = connection.writableLength + answer.length < connection.writableHighWaterMark
    if (accepted.hooks.open === undefined && isTakenAtOnce) {
      // Nothing can leave together with it, so it need not wait for the end of the turn.
      this.hub.counters.bytesOut += answer.length
      connection.write(answer, 'latin1')
      socket.open(undefined)
    } else socket.open(Buffer.from(answer, 'latin1'))
    if (head.length > 0) socket.receive(head)
  }

  /** No socket comes in any more; those that there are stay. */
  refuseUpgrades(): void {
    this.#isClosing = true
  }

  /** Those that are not closed; a copy. */
  sockets(): NodeWebSocket[] {
    return this.wheel.entries()
  }

  /** Starts the closing handshake of every socket, with this code unless its `shutdown` hook says another; resolves when all are gone, bounded by their `closeTimeoutMs`. */
  closeAll(code: number): Promise<void> {
    this.refuseUpgrades()
    for (const socket of this.sockets()) socket.shutDown(code)
    if (this.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  /** The server is closed: nobody asks for its numbers any more. */
  forget(): void {
    this.hub.counters.servers.delete(this)
  }

  /** Ends every connection at once, also those whose upgrade is not decided. */
  terminateAll(): void {
    for (const socket of this.wheel.entries()) socket.terminate()
    for (const connection of this.#watched.keys()) connection.destroy()
  }

  socketError(socket: Socket, setup: AcceptedUpgrade, error: unknown): void {
    this.#dispatcher.socketError(socket, setup, error)
  }

  socketClosed(socket: Socket): void {
    this.gate.leave(socket.ip)
    if (this.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  #compression(
    { compression: settings }: AcceptedUpgrade,
    agreement: DeflateAgreement | undefined,
  ): CompressionSetup | undefined {
    if (settings === undefined || agreement === undefined) return undefined
    return { agreement, settings, codec: this.#codec }
  }

  #startTimer(): NodeJS.Timeout {
    const timer = setInterval(() => this.wheel.tick(performance.now()), TICK_MS)
    // The connections keep the process running, not their heartbeat.
    return timer.unref()
  }
}
