import type { BrokerNode, BrokerPublishOptions, MaybePromise, PublishOutcome } from './broker.ts'
import type { AcceptedPublication, ChannelPolicy } from './realtime-handlers.ts'

/** A publication that was accepted and encoded. */
export interface ReadyPublication {
  readonly channel: string
  readonly policy: ChannelPolicy
  readonly payload: string
  readonly accepted: AcceptedPublication
  /** Recognises repeats within the channel. */
  readonly idempotencyKey: string | undefined
  /** Id of a connection that is not to get it. */
  readonly except: string | undefined
}

/** Stores and delivers a publication as its channel's policy says. */
export function storePublication(
  broker: BrokerNode,
  { channel, policy, payload, accepted, idempotencyKey, except }: ReadyPublication,
): MaybePromise<PublishOutcome> {
  const options: { -readonly [Name in keyof BrokerPublishOptions]: BrokerPublishOptions[Name] } = {}
  if (policy.history !== undefined) options.history = policy.history
  if (idempotencyKey !== undefined) {
    options.idempotency = { key: idempotencyKey, windowMs: policy.idempotencyWindowMs }
  }
  if (except !== undefined) options.origin = except
  if (policy.delivery === 'latest' && accepted.key !== undefined) {
    options.keyed = { key: accepted.key, removed: accepted.removed === true, maxKeys: policy.maxKeys }
  }
  return broker.publish(channel, payload, options)
}

/**
 * The key that the broker knows a client's publish by.
 *
 * It is the user's own, so that nobody can make another's publish look like a repeat. Anonymous users share theirs: keys are random, and after a
 * reconnect nothing else tells that it is the same client.
 */
export function keyOf(user: string, id: string): string {
  return user === '' ? id : `${id}\n${user}`
}
