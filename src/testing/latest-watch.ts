import type { Publication, StreamPosition } from '../protocol/publication.ts'
import type { WatchHost } from './delivery-watch.ts'
import type { ChannelLog } from './publication-log.ts'
import type { ViolationKind } from './violation.ts'

/** What a watch needs of a `latest` subscription of GoWeb's client. */
export interface WatchedValues {
  readonly channel: string
  readonly state: 'subscribing' | 'subscribed' | 'unsubscribed'
  on(handler: (data: unknown, publication: Publication) => void): () => void
  onRemoved(handler: (key: string, publication: Publication) => void): () => void
  values(): ReadonlyMap<string, unknown>
}

/**
 * Watches one subscription of a `latest` channel.
 *
 * No key may ever go back, and when nothing is on its way any more, the subscription's values, and what its handlers were told, are what the
 * broker has.
 */
export class LatestWatch {
  readonly name: string
  /** Values that it was handed. */
  delivered = 0
  readonly #host: WatchHost
  #subscription: WatchedValues | undefined
  #hasEnded = false
  /** What handlers were told: by key, the place in the log and the value, undefined after its removal. */
  readonly #told = new Map<string, { readonly place: number; readonly data: string | undefined }>()

  constructor(host: WatchHost, name: string) {
    this.#host = host
    this.name = name
  }

  /** To be given to the subscription as its option of that name: there is never a gap. */
  readonly onGap: (gap: { readonly position: StreamPosition | undefined }) => void = () => {
    this.#report('needless gap', 'a gap was told')
  }

  /** Watches a subscription that was just made. */
  follow(subscription: WatchedValues): void {
    this.#subscription = subscription
    subscription.on((_data, publication) => this.#take(publication))
    subscription.onRemoved((key) => this.#remove(key))
  }

  /** The subscription was ended: from now on it must be silent. */
  ended(): void {
    this.#hasEnded = true
  }

  /** Whether it waits for nothing: it is subscribed, and has what the broker has. */
  get isSettled(): boolean {
    const subscription = this.#subscription
    if (subscription === undefined || this.#hasEnded || subscription.state === 'unsubscribed') return true
    return subscription.state === 'subscribed' && this.#differences(valuesOf(subscription)).length === 0
  }

  /** When nothing is on its way any more: everything must agree. */
  finish(): void {
    const subscription = this.#subscription
    if (subscription === undefined || this.#hasEnded) return
    if (subscription.state === 'subscribing') this.#report('stuck', 'is still subscribing')
    else if (subscription.state === 'unsubscribed') this.#report('ended', 'was ended by the server')
    else {
      const told = new Map<string, string>()
      for (const [key, { data }] of this.#told) if (data !== undefined) told.set(key, data)
      for (const what of this.#differences(valuesOf(subscription))) this.#report('stale', `values: ${what}`)
      for (const what of this.#differences(told)) this.#report('stale', `handlers: ${what}`)
    }
  }

  /** In what the values are not the broker's. */
  #differences(actual: ReadonlyMap<string, string>): string[] {
    const expected = this.#log().newest()
    const differences: string[] = []
    for (const [key, { data }] of expected) {
      const has = actual.get(key)
      if (has === undefined) differences.push(`${key} is not there, but ${short(data)}`)
      else if (has !== data) differences.push(`${key} is ${short(has)}, not ${short(data)}`)
    }
    for (const [key, data] of actual) {
      if (!expected.has(key)) differences.push(`${key} is ${short(data)}, and was removed`)
    }
    return differences
  }

  #log(): ChannelLog {
    return this.#host.log.channel(this.#subscription?.channel ?? '')
  }

  #take({ key = '', data, offset }: Publication): void {
    this.delivered++
    const text = JSON.stringify(data)
    if (this.#hasEnded) this.#report('disordered', `${short(text)} came after it was unsubscribed`)
    const { entries } = this.#log()
    const places = this.#log()
      .placesOf(text)
      .filter((place) => {
        const entry = entries[place]!
        return entry.key === key && entry.offset === offset && !entry.removed
      })
    const before = this.#told.get(key)?.place ?? -1
    const place = places.find((candidate) => candidate > before)
    if (places.length === 0)
      this.#report('invented', `${short(text)} of ${key} at ${offset} was never published`)
    else if (place === undefined)
      this.#report('disordered', `${key} goes back to ${short(text)} at ${offset}`)
    else this.#told.set(key, { place, data: text })
  }

  #remove(key: string): void {
    if (this.#hasEnded) this.#report('disordered', `${key} was removed after it was unsubscribed`)
    const { entries, keptFrom } = this.#log()
    const before = this.#told.get(key)?.place ?? -1
    const removal = entries.findIndex((entry, place) => place > before && entry.key === key && entry.removed)
    // All are gone when the channel has been forgotten.
    if (removal !== -1) this.#told.set(key, { place: removal, data: undefined })
    else if (keptFrom > before) this.#told.set(key, { place: keptFrom - 1, data: undefined })
    else this.#report('invented', `${key} was never removed`)
  }

  #report(kind: ViolationKind, detail: string): void {
    const who = `${this.name} on ${this.#subscription?.channel ?? 'no channel'}`
    this.#host.report({ kind, atMs: this.#host.now(), who, detail })
  }
}

const MAX_SHOWN = 80

/** As much of a text as a report needs. */
function short(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`
}

/** JSON texts by key. */
function valuesOf(subscription: WatchedValues): Map<string, string> {
  return new Map(Array.from(subscription.values(), ([key, data]) => [key, JSON.stringify(data)]))
}
