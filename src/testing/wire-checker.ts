import type { Command, SubscribeRequest } from '../protocol/command.ts'
import type { Publication } from '../protocol/publication.ts'
import type { Push, Reply, SubscribeResult } from '../protocol/reply.ts'
import type { WatchHost } from './delivery-watch.ts'
import type { LabLink, LinkWatcher } from './lab-link.ts'

interface LinkState {
  readonly subscribes: Map<number, SubscribeRequest>
  readonly unsubscribes: Map<number, string>
  /** Up to where everything of a channel's log has been said; -1: nothing. */
  readonly places: Map<string, number>
}

/**
 * Checks what servers say, before the network does anything to it: on one connection, from the position in the reply to
 * `subscribe` on, every publication of a channel once and in order; in `latest` channels in order, and none twice.
 *
 * It is stricter than what handlers see: a client may hide what a server did wrong.
 */
export class WireChecker implements LinkWatcher {
  readonly #host: WatchHost
  readonly #maxRecovered: number
  readonly #links = new WeakMap<LabLink, LinkState>()

  /** @param maxRecovered publications in one reply. */
  constructor(host: WatchHost, maxRecovered: number = Infinity) {
    this.#host = host
    this.#maxRecovered = maxRecovered
  }

  onUp(link: LabLink, text: string): void {
    if (!text.includes('subscribe":')) return
    const { subscribes, unsubscribes } = this.#stateOf(link)
    for (const line of text.split('\n')) {
      const { id = 0, subscribe, unsubscribe } = JSON.parse(line) as Command
      if (subscribe !== undefined) subscribes.set(id, subscribe)
      if (unsubscribe !== undefined) unsubscribes.set(id, unsubscribe.channel)
    }
  }

  onDown(link: LabLink, text: string): void {
    if (!text.startsWith('{"push":') && !text.includes('subscribe":')) return
    for (const line of text.split('\n')) {
      const { id = 0, push, subscribe } = JSON.parse(line) as Reply
      const state = this.#stateOf(link)
      if (push !== undefined) this.#onPush(state, push)
      const request = state.subscribes.get(id)
      if (request !== undefined && subscribe !== undefined) this.#onSubscribed(state, request, subscribe)
      const left = state.unsubscribes.get(id)
      if (left !== undefined) state.places.delete(left)
    }
  }

  #stateOf(link: LabLink): LinkState {
    let state = this.#links.get(link)
    if (state === undefined) {
      state = { subscribes: new Map(), unsubscribes: new Map(), places: new Map() }
      this.#links.set(link, state)
    }
    return state
  }

  #onSubscribed(state: LinkState, request: SubscribeRequest, result: SubscribeResult): void {
    const { channel } = request
    const { epoch = '', offset = 0, publications = [], recovered = false } = result
    const log = this.#host.log.channel(channel)
    if (publications.length > this.#maxRecovered) {
      this.#report(
        channel,
        `recovers ${publications.length} publications, at most ${this.#maxRecovered} may be`,
      )
    }
    // Where nothing is kept, what was published just before may still be on its way from the broker.
    const reached = result.positioned === true ? (log.lastKnown(epoch, offset) ?? -1) : -1
    state.places.set(channel, reached)
    if (result.positioned !== true) return
    if (log.hasKeys) {
      // Older values may be left out, whether it recovers or not.
      state.places.set(
        channel,
        recovered ? (log.lastKnown(request.epoch ?? '', request.offset ?? 0) ?? -1) : -1,
      )
      for (const publication of publications) this.#onPublication(state, channel, publication)
      state.places.set(channel, reached)
      return
    }
    if (!recovered) {
      if (publications.length > 0) this.#report(channel, 'gives publications though it has not recovered')
      return
    }
    state.places.set(channel, log.lastKnown(request.epoch ?? '', request.offset ?? 0) ?? -1)
    for (const publication of publications) this.#onPublication(state, channel, publication)
    const said = state.places.get(channel)
    if (said !== reached)
      this.#report(channel, `recovers up to entry ${said}, but its position is that of ${reached}`)
    state.places.set(channel, reached)
  }

  #onPush(state: LinkState, { channel = '', pub, unsubscribe }: Push): void {
    if (unsubscribe !== undefined) state.places.delete(channel)
    if (pub !== undefined) this.#onPublication(state, channel, pub)
  }

  #onPublication(state: LinkState, channel: string, { data, key, offset = 0 }: Publication): void {
    // A removal whose place the server does not know.
    if (key !== undefined && offset === 0) return
    const place = state.places.get(channel)
    if (place === undefined) {
      this.#report(channel, `pushes ${JSON.stringify(data)} to a connection that is not subscribed`)
      return
    }
    const log = this.#host.log.channel(channel)
    const text = JSON.stringify(data)
    const next = log.placesOf(text).find((index) => index > place && log.entries[index]!.offset === offset)
    if (next === undefined) this.#report(channel, `says ${text} at ${offset} again, too late or wrongly`)
    else if (offset > 0 && next > place + 1 && !log.hasKeys) {
      this.#report(channel, `leaves out ${next - place - 1} publications before ${text} at ${offset}`)
    }
    if (next !== undefined) state.places.set(channel, next)
  }

  #report(channel: string, detail: string): void {
    this.#host.report({ kind: 'on the wire', atMs: this.#host.now(), who: `a server on ${channel}`, detail })
  }
}
