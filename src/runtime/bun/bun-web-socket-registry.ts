import type { AcceptedUpgrade, Dispatcher } from '../../app/dispatcher.ts'
import { DeadlineWheel, TICK_MS } from '../../websocket/deadline-wheel.ts'
import type { SocketGate } from '../../websocket/socket-gate.ts'
import type { Socket } from '../../websocket/socket.ts'
import type { TopicHub } from '../../websocket/topic-hub.ts'
import type { BunSocket } from './bun-socket.ts'
import type { BunSocketHost } from './bun-socket-host.ts'
import { BunTopics } from './bun-socket-topics.ts'
import type { BunTurn } from './bun-socket-turn.ts'

/** All open sockets of one server: their heartbeat, and their end when the server closes. */
export class BunWebSocketRegistry implements BunSocketHost {
  readonly dispatcher: Dispatcher
  readonly hub: TopicHub
  readonly gate: SocketGate
  readonly topics: BunTopics
  readonly turn: BunTurn
  readonly wheel: DeadlineWheel<BunSocket> = new DeadlineWheel(performance.now())
  #timer: NodeJS.Timeout | undefined
  #isClosing = false
  #whenEmpty: (() => void)[] = []

  constructor(dispatcher: Dispatcher) {
    const { hub, gate } = dispatcher
    this.dispatcher = dispatcher
    this.hub = hub
    this.gate = gate
    // Those of another server of the app, if there is one.
    this.topics = hub.carrier instanceof BunTopics ? hub.carrier : new BunTopics(hub.counters)
    this.turn = this.topics.turn
    hub.carryWith(this.topics)
    hub.counters.servers.add(this)
  }

  /** Whether `refuseUpgrades` or `closeAll` was called; upgrades are to be refused from then on. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Bytes that wait for slow peers. */
  bufferedBytes(): number {
    let bytes = 0
    for (const socket of this.wheel.entries()) bytes += socket.bufferedAmount
    return bytes
  }

  /** A socket is about to open: its heartbeat needs the timer. */
  ready(): void {
    this.#timer ??= this.#startTimer()
  }

  /** No socket comes in any more; those that there are stay. */
  refuseUpgrades(): void {
    this.#isClosing = true
  }

  /** Those that are not closed; a copy. */
  sockets(): BunSocket[] {
    return this.wheel.entries()
  }

  /** Starts the closing handshake of every socket, with this code unless its `shutdown` hook says another; resolves when their `close` hooks were called. */
  closeAll(code: number): Promise<void> {
    this.refuseUpgrades()
    for (const socket of this.sockets()) socket.shutDown(code)
    if (this.wheel.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  /** Ends every socket at once. */
  terminateAll(): void {
    for (const socket of this.sockets()) socket.terminate()
  }

  /** The server is closed: nobody asks for its numbers any more. */
  forget(): void {
    this.hub.counters.servers.delete(this)
  }

  socketError(socket: Socket, setup: AcceptedUpgrade, error: unknown): void {
    this.dispatcher.socketError(socket, setup, error)
  }

  socketClosed(socket: Socket): void {
    this.gate.leave(socket.ip)
    if (this.wheel.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  #startTimer(): NodeJS.Timeout {
    const timer = setInterval(() => this.wheel.tick(performance.now()), TICK_MS)
    // The connections keep the process running, not their heartbeat.
    return timer.unref()
  }
}
