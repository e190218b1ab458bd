import type { MaybePromise, StoredPublication } from './broker.ts'
import type { Fanout } from './fanout.ts'
import type { ChannelBinding } from './realtime-handlers.ts'
import type { Subscription } from './subscription.ts'
import type { Transport } from './transport.ts'

/** What a node has in common for its subscribers of one channel. */
export interface ChannelSetup {
  readonly binding: ChannelBinding
  readonly fanout: Fanout
  /** Makes names of groups that nobody can guess. */
  readonly groupPrefix: string
  readonly maxBacklog: number
  readonly maxBacklogBytes: number
}

/** One channel as far as a node has subscribers of it: who they are, and their groups. */
export abstract class ChannelCore {
  readonly name: string
  /** The name as JSON. */
  readonly nameText: string
  /** Its rules, the same for all its subscribers. */
  readonly binding: ChannelBinding
  readonly group: string
  /** Of those who want to know who joins and leaves. */
  readonly joinGroup: string
  /** Everybody who has joined or is about to. */
  readonly members: Set<Subscription> = new Set()
  /** Resolves when the broker delivers. */
  interest: MaybePromise<void> = undefined
  readonly fanout: Fanout
  /** How the push of a publication begins. */
  readonly head: string

  constructor(name: string, { binding, fanout, groupPrefix }: ChannelSetup) {
    this.name = name
    this.nameText = JSON.stringify(name)
    this.binding = binding
    this.group = `${groupPrefix}p${name}`
    this.joinGroup = `${groupPrefix}j${name}`
    this.fanout = fanout
    this.head = `{"push":{"channel":${this.nameText},"pub":`
  }

  /**
   * Hands out a publication.
   *
   * @returns false when it does not continue what was handed out before: the caller then calls `gap`.
   */
  abstract deliver(publication: StoredPublication, except: Transport | undefined): boolean

  /** Publications may have been missed. */
  abstract gap(code: number, reason: string): void

  /** Somebody is about to read what is there: from here on nothing may be missed. */
  attach(subscription: Subscription): void {
    this.members.add(subscription)
    subscription.isAttached = true
  }

  /** Takes a subscription off, however far it came; false when it was not there. */
  detach(subscription: Subscription): boolean {
    if (!this.members.delete(subscription)) return false
    subscription.isAttached = false
    const { transport } = subscription.subscriber
    transport.leave(this.group)
    if (subscription.wantsJoinLeave) transport.leave(this.joinGroup)
    return true
  }

  sendJoinLeave(text: string, except: Transport | undefined): void {
    this.fanout.publish(this.joinGroup, text, except)
  }

  /** Ends the subscriptions of those who have joined. */
  endLive(code: number, reason: string): void {
    for (const member of this.members) {
      if (member.state === 'live') member.subscriber.endSubscription(member, code, reason)
    }
  }
}
