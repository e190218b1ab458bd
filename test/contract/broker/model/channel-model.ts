import type { ChannelName } from './operation.ts'
import { CHANNELS, PRESENCE_TICKS, WINDOW_TICKS } from './operation.ts'

/** A publication as the model knows it. */
export interface Published {
  readonly payload: string
  /** Counts the channel's epochs: 0, 1, … */
  readonly era: number
  /** Place in its era, from 1; 0 in a channel without history. */
  readonly rank: number
  readonly atTick: number
  readonly item: string | undefined
}

/** A place in the model's stream. */
export interface Place {
  readonly era: number
  readonly rank: number
}

/**
 * What a channel must do, the simplest way: nothing is ever thrown away, each question looks through everything.
 */
export class ChannelModel {
  readonly #limits: { readonly size: number; readonly ttlTicks: number } | undefined
  readonly all: Published[] = []
  readonly #keys = new Map<string, { readonly place: Place; readonly endTick: number }>()
  readonly #present = new Map<string, number>()
  era = 0

  constructor(name: ChannelName) {
    this.#limits = CHANNELS[name]
  }

  /** Rank of the newest of this era. */
  get top(): number {
    return this.all.findLast(({ era, rank }) => era === this.era && rank > 0)?.rank ?? 0
  }

  /** Undefined: it is a repeat, of what was published at the second. */
  publish(
    payload: string,
    nowTick: number,
    { key, item }: { readonly key?: string | undefined; readonly item?: string | undefined },
  ): [published: Published | undefined, place: Place] {
    const known = key === undefined ? undefined : this.#keys.get(key)
    if (known !== undefined && known.endTick > nowTick) return [undefined, known.place]
    const rank = this.#limits === undefined ? 0 : this.top + 1
    const published = { payload, era: this.era, rank, atTick: nowTick, item }
    this.all.push(published)
    if (key !== undefined) this.#keys.set(key, { place: published, endTick: nowTick + WINDOW_TICKS })
    return [published, published]
  }

  /** What is kept now, oldest first. */
  kept(nowTick: number): Published[] {
    const limits = this.#limits
    if (limits === undefined) return []
    const ofEra = this.all.filter(({ era, rank }) => era === this.era && rank > 0)
    return ofEra.slice(-limits.size).filter(({ atTick }) => atTick + limits.ttlTicks > nowTick)
  }

  /** All of it that was asked for; undefined since a place that cannot be served. */
  after(since: Place | undefined, nowTick: number): { kept: Published[]; complete: boolean } {
    const kept = this.kept(nowTick)
    if (since === undefined) return { kept, complete: true }
    if (since.era !== this.era || since.rank > this.top) return { kept: [], complete: false }
    const oldest = kept[0]?.rank ?? this.top + 1
    return { kept: kept.filter(({ rank }) => rank > since.rank), complete: since.rank >= oldest - 1 }
  }

  /** What comes before a place. */
  before(since: Place | undefined, nowTick: number): Published[] {
    const kept = this.kept(nowTick).toReversed()
    return since === undefined ? kept : kept.filter(({ rank }) => rank < since.rank)
  }

  /** Newest of each item. */
  snapshot(): Map<string, Published> {
    const newest = new Map<string, Published>()
    for (const published of this.all) {
      if (published.era === this.era && published.rank > 0 && published.item !== undefined) {
        newest.set(published.item, published)
      }
    }
    return newest
  }

  remove(): void {
    this.era++
  }

  setPresence(client: string, nowTick: number): void {
    this.#present.set(client, nowTick + PRESENCE_TICKS)
  }

  unsetPresence(client: string): void {
    this.#present.delete(client)
  }

  presence(nowTick: number): string[] {
    return [...this.#present].filter(([, endTick]) => endTick > nowTick).map(([client]) => client)
  }
}
