import { isThenable } from '../chain/compose.ts'
import type { Publication } from '../protocol/publication.ts'
import type {
  Broker,
  BrokerListener,
  BrokerNode,
  HistoryLimits,
  PublishOutcome,
  StoredPublication,
} from '../realtime/broker.ts'

/** A publication as the broker took it. */
export interface LoggedPublication {
  readonly epoch: string
  /** 0 in channels without history. */
  readonly offset: number
  /** JSON text of its data. */
  readonly data: string
  /** In `latest` channels. */
  readonly key: string | undefined
  /** Whether it took the key away. */
  readonly removed: boolean
  readonly atMs: number
  /** How much the channel keeps; undefined where it keeps nothing. */
  readonly history: HistoryLimits | undefined
}

/** Everything that was published in one channel, in order. */
export class ChannelLog {
  readonly entries: LoggedPublication[] = []
  /** The first entry that the history may still have: what was before it was removed. */
  keptFrom = 0
  /** Whether it is the log of a `latest` channel. */
  hasKeys = false
  readonly #indexes = new Map<string, number>()
  readonly #byData = new Map<string, number[]>()
  readonly #seen = new WeakSet<StoredPublication>()

  /** Adds it unless it is known. */
  add(stored: StoredPublication, atMs: number, history: HistoryLimits | undefined): void {
    const { epoch, offset, payload } = stored
    if (this.#seen.has(stored)) return
    this.#seen.add(stored)
    const position = `${epoch} ${offset}`
    if (offset > 0 && this.#indexes.has(position)) return
    const index = this.entries.length
    if (offset > 0) this.#indexes.set(position, index)
    const publication = JSON.parse(payload) as Publication // As servers write it.
    const { key, removed = false } = publication
    const data = JSON.stringify(publication.data)
    this.entries.push({ epoch, offset, data, key, removed, atMs, history })
    if (key !== undefined) this.hasKeys = true
    const same = this.#byData.get(data)
    if (same === undefined) this.#byData.set(data, [index])
    else same.push(index)
  }

  /** Where publications with this data are. */
  placesOf(data: string): readonly number[] {
    return this.#byData.get(data) ?? []
  }

  /** What is kept of a `latest` channel: the newest entry of each key that has not been removed. */
  newest(): Map<string, LoggedPublication> {
    const newest = new Map<string, LoggedPublication>()
    for (const entry of this.entries.slice(this.keptFrom)) {
      if (entry.key === undefined) continue
      if (entry.removed) newest.delete(entry.key)
      else newest.set(entry.key, entry)
    }
    return newest
  }

  indexOf(epoch: string, offset: number): number | undefined {
    return this.#indexes.get(`${epoch} ${offset}`)
  }

  /** The last entry that a position knows of; -1 for none. Undefined where the log has nothing of the epoch but what lies after the position. */
  lastKnown(epoch: string, offset: number): number | undefined {
    const exact = this.indexOf(epoch, offset)
    if (exact !== undefined) return exact
    const first = this.entries.findIndex((entry) => entry.epoch === epoch)
    // Nothing is there yet: whatever comes next follows it.
    if (first === -1) return this.entries.length - 1
    let last = first - 1
    for (let index = first; index < this.entries.length; index++) {
      const entry = this.entries[index]!
      if (entry.epoch === epoch && entry.offset <= offset) last = index
    }
    return last
  }
}

/** Everything that a broker took, whoever published it: what is delivered is compared with it. */
export class PublicationLog {
  readonly #channels = new Map<string, ChannelLog>()
  readonly #now: () => number
  /** What publishes under way say that channels keep. */
  readonly #pending = new Map<string, HistoryLimits | undefined>()

  constructor(now: () => number) {
    this.#now = now
  }

  channel(name: string): ChannelLog {
    let log = this.#channels.get(name)
    if (log === undefined) this.#channels.set(name, (log = new ChannelLog()))
    return log
  }

  /** A broker that does the same and is listened to. */
  record(inner: Broker): Broker {
    return {
      connect: (listener) => {
        const connected = inner.connect(this.#listen(listener))
        return isThenable(connected)
          ? connected.then((node) => this.#recordNode(node))
          : this.#recordNode(connected)
      },
    }
  }

  #listen(listener: BrokerListener): BrokerListener {
    return {
      onPublication: (channel, publication) => {
        // Seen here first where nodes hear of it before its publisher has an answer.
        this.channel(channel).add(publication, this.#now(), this.#pending.get(channel))
        listener.onPublication(channel, publication)
      },
      onSignal: (channel, payload) => listener.onSignal(channel, payload),
      onBroadcast: (payload) => listener.onBroadcast(payload),
      onGap: (channel) => listener.onGap(channel),
    }
  }

  #recordNode(node: BrokerNode): BrokerNode {
    return {
      subscribe: (channel) => node.subscribe(channel),
      unsubscribe: (channel) => node.unsubscribe(channel),
      publish: (channel, payload, options) => {
        const log = this.channel(channel)
        const count = log.entries.length
        this.#pending.set(channel, options.history)
        const note = (outcome: PublishOutcome): PublishOutcome => {
          const isNoted = outcome.offset === 0 && log.entries.length > count
          if (!outcome.isRepeat && !isNoted) {
            log.add({ ...outcome, payload, previousOffset: 0 }, this.#now(), options.history)
          }
          return outcome
        }
        const outcome = node.publish(channel, payload, options)
        return isThenable(outcome) ? outcome.then(note) : note(outcome)
      },
      signal: (channel, payload) => node.signal(channel, payload),
      broadcast: (payload) => node.broadcast(payload),
      history: (channel, options, limits) => node.history(channel, options, limits),
      snapshot: (channel) => node.snapshot(channel),
      remove: (channel) => {
        const log = this.channel(channel)
        log.keptFrom = log.entries.length
        return node.remove(channel)
      },
      setPresence: (channel, entry, ttlMs) => node.setPresence(channel, entry, ttlMs),
      removePresence: (channel, client) => node.removePresence(channel, client),
      presence: (channel) => node.presence(channel),
      close: () => node.close(),
    }
  }
}
