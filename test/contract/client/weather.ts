import { setImmediate as turn } from 'node:timers/promises'
import {
  connect,
  type Client,
  type ConnectOptions,
  type WebSocketConstructor,
  type WebSocketLike,
} from 'goweb/client'
import { MemoryBroker } from '../../../src/brokers/memory/memory-broker.ts'
import type { Broker, HistoryLimits, StoredPublication } from '../../../src/realtime/broker.ts'
import type { ChannelBinding, RealtimeHandlers } from '../../../src/realtime/realtime-handlers.ts'
import { RealtimeNode } from '../../../src/realtime/realtime-node.ts'
import type { RealtimeLimits } from '../../../src/realtime/realtime-limits.ts'
import type { Transport, TransportGroups } from '../../../src/realtime/transport.ts'
import { sparseOffset } from '../broker/memory-setup.ts'
import { VirtualClock } from '../../unit/client/virtual-clock.ts'

/** A small generator of random numbers from 0 up to 1 (mulberry32), the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A line between a client and a node: texts arrive late, in order, or not at all. */
class Line implements WebSocketLike, Transport {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onerror: (() => void) | null = null
  readonly bufferedAmount = 0
  readonly groups = new Set<string>()
  /** Nothing arrives any more, and nobody is told. */
  isDead = false
  #isCut = false
  readonly #weather: Weather
  #connection: { receive(text: string): void; closed(code: number, reason: string): void } | undefined
  /** When what was sent last arrives, for each direction: nothing overtakes. */
  #arrivalMs: [up: number, down: number] = [0, 0]

  constructor(weather: Weather) {
    this.#weather = weather
    weather.lines.add(this)
    this.#later(0, () => {
      const { node } = weather
      if (node === undefined) return this.cut()
      const side: Transport = {
        bufferedAmount: 0,
        send: (text) => this.#toClient(text),
        join: (group) => this.groups.add(group),
        leave: (group) => this.groups.delete(group),
        close: (code, reason) => this.#later(1, () => this.#endClient(code, reason)),
      }
      this.transport = side
      this.#connection = node.accept(side, undefined)
      this.#later(1, () => this.onopen?.())
    })
  }

  transport: Transport | undefined

  /** From the client. */
  send(text: string): void {
    this.#later(0, () => this.#connection?.receive(text))
  }

  close(): void {
    this.#later(0, () => this.#endServer())
  }

  join(): void {}
  leave(): void {}

  publish(text: string): void {
    this.#toClient(text)
  }

  /** Both ends are told. */
  cut(): void {
    if (this.#isCut) return
    this.#isCut = true
    this.#endServer()
    this.#endClient(1006, '')
  }

  #toClient(text: string): void {
    if (/"publish":\{\}/.test(text) && this.#weather.random() < this.#weather.lostAcks) return
    this.#later(1, () => this.onmessage?.({ data: text }))
  }

  #endServer(): void {
    this.groups.clear()
    this.#connection?.closed(1006, '')
    this.#connection = undefined
    this.#weather.lines.delete(this)
  }

  #endClient(code: number, reason: string): void {
    this.isDead = true
    this.#weather.lines.delete(this)
    this.onclose?.({ code, reason })
  }

  #later(direction: 0 | 1, arrive: () => void): void {
    const { clock } = this.#weather
    const atMs = Math.max(this.#arrivalMs[direction], clock.now() + this.#weather.random() * 40)
    this.#arrivalMs[direction] = atMs
    clock.after(atMs - clock.now(), () => {
      if (!this.isDead && !(this.#isCut && direction === 0)) arrive()
    })
  }
}

export interface WeatherOptions {
  readonly seed: number
  readonly history?: HistoryLimits
  readonly limits?: RealtimeLimits
  /** Offsets have holes. */
  readonly isSparse?: boolean
  /** Share of acknowledgements of publishes that do not arrive. */
  readonly lostAcks?: number
}

/** Real clients and a real node with time, lines and a server that fail as a seed wants. */
export class Weather implements TransportGroups {
  readonly clock = new VirtualClock()
  readonly random: () => number
  readonly lines = new Set<Line>()
  readonly errors: unknown[] = []
  readonly lostAcks: number
  node: RealtimeNode | undefined
  readonly #broker: Broker
  readonly #options: WeatherOptions
  readonly #history: HistoryLimits
  readonly #clients: Client[] = []

  constructor(options: WeatherOptions) {
    this.#options = options
    this.#history = options.history ?? { size: 10_000, ttlMs: 86_400_000 }
    this.lostAcks = options.lostAcks ?? 0
    this.random = randomFrom(options.seed)
    this.clock.random = this.random
    this.#broker = new MemoryBroker({
      clock: this.clock,
      limits: { maxChannels: 100, maxChannelBytes: 1e7, maxBytes: 1e8, maxKeys: 1e5 },
      ...(options.isSparse && { nextOffset: sparseOffset }),
    })
    this.startServer()
  }

  startServer(): void {
    const node = new RealtimeNode({
      broker: this.#broker,
      clock: this.clock,
      limits: this.#options.limits,
      handlers: this.#handlers(),
    })
    node.addTransport(this)
    void node.start()
    this.node = node
  }

  /** The process is gone, without a word. */
  killServer(): void {
    this.node = undefined
    for (const line of this.lines) line.cut()
  }

  publish(group: string, text: string, except: Transport | undefined): void {
    for (const line of this.lines) if (line.groups.has(group) && line.transport !== except) line.publish(text)
  }

  connect(options: ConnectOptions = {}): Client {
    const open = (): WebSocketLike => new Line(this)
    const client = connect('ws://server/', {
      clock: this.clock,
      onError: (error) => this.errors.push(error),
      // A constructor may give another object than the one it was called for.
      WebSocket: function () {
        return open()
      } as unknown as WebSocketConstructor,
      ...options,
    })
    this.#clients.push(client)
    return client
  }

  /** All that the broker has of a channel. */
  async stored(channel: string): Promise<readonly StoredPublication[]> {
    const node = await this.#broker.connect({
      onPublication() {},
      onSignal() {},
      onBroadcast() {},
      onGap() {},
    })
    const page = await node.history(channel, { limit: 100_000 }, this.#history)
    await node.close()
    return page.publications
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.node?.stop()
    await turn()
  }

  #handlers(): RealtimeHandlers {
    const binding: ChannelBinding = {
      policy: {
        pattern: '{name}',
        delivery: 'replay',
        maxKeys: 0,
        history: this.#history,
        hasPresence: true,
        hasJoinLeave: true,
        idempotencyWindowMs: 300_000,
      },
      subscribe: () => ({}),
      publish: (_connection, { data, event }) => ({ data, event }),
      allow() {},
    }
    return {
      connect: () => ({ user: '' }),
      refresh: () => ({}),
      channel: () => binding,
      call: (_connection, { data }) => data,
      message() {},
      disconnected() {},
      report: (error) => this.errors.push(error),
    }
  }
}
