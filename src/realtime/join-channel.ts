import type { SubscribeRequest } from '../protocol/command.ts'
import { PROTOCOL_ERROR } from '../protocol/error-codes.ts'
import type { ReplyError } from '../protocol/reply.ts'
import type { HistoryPage } from './broker.ts'
import type { ConnectionCore } from './connection-core.ts'
import { findBinding } from './find-binding.ts'
import { countWithin, encodePublications } from './encode-publications.ts'
import type { Joined } from './joined.ts'
import { JoinedChannel } from './joined-channel.ts'
import { JoinedLatest } from './joined-latest.ts'
import { LatestChannel } from './latest-channel.ts'
import type { SubscribeGrant } from './realtime-handlers.ts'
import { Subscription } from './subscription.ts'
import { SubscriptionTable } from './subscription-table.ts'

/** Why a channel could not be joined. */
export interface RefusedJoin {
  readonly refusal: ReplyError
}

/** Nobody waits any more, or the server has unsubscribed the user meanwhile. */
const ENDED: RefusedJoin = { refusal: PROTOCOL_ERROR.PERMISSION_DENIED }

/**
 * Joins a channel up to the point where only the reply is missing.
 *
 * The order keeps it without a gap: first the node's interest, then the history or the values; what is published meanwhile the channel keeps. Rejects
 * with what the app or the broker threw; the connection is then as before.
 */
export async function joinChannel(
  connection: ConnectionCore,
  request: SubscribeRequest,
  isServerSide: boolean,
): Promise<Joined | RefusedJoin> {
  const reserved = reserve(connection, request.channel, isServerSide)
  if ('refusal' in reserved) return reserved
  try {
    const grant = await reserved.binding.subscribe(connection, request, isServerSide)
    if (isOver(reserved)) return ENDED
    return await enter(connection, reserved, { request, grant })
  } catch (error) {
    connection.drop(reserved)
    throw error
  }
}

function reserve(
  connection: ConnectionCore,
  name: string,
  isServerSide: boolean,
): Subscription | RefusedJoin {
  const subscriptions = (connection.subscriptions ??= new SubscriptionTable())
  if (subscriptions.has(name)) return { refusal: PROTOCOL_ERROR.ALREADY_SUBSCRIBED }
  const { limits } = connection.context
  if (subscriptions.size >= limits.subscriptionsPerConnection) {
    return { refusal: { ...PROTOCOL_ERROR.LIMIT_EXCEEDED, message: 'too many subscriptions' } }
  }
  const binding = findBinding(connection.context, name)
  if (binding === undefined) return { refusal: PROTOCOL_ERROR.UNKNOWN_CHANNEL }
  // The channel's own text, so that not every subscription has another of the same.
  const known = connection.context.channels.find(name)?.name ?? name
  const subscription = new Subscription(connection, known, { binding, isServerSide })
  subscriptions.add(subscription)
  return subscription
}

interface Granted {
  readonly request: SubscribeRequest
  readonly grant: SubscribeGrant
}

async function enter(
  connection: ConnectionCore,
  subscription: Subscription,
  { request, grant }: Granted,
): Promise<Joined | RefusedJoin> {
  const { channels, clock } = connection.context
  const { policy } = subscription.binding
  if (grant.expiresAtMs !== undefined) {
    if (grant.expiresAtMs <= clock.now()) return over(connection, subscription, PROTOCOL_ERROR.TOKEN_EXPIRED)
    subscription.expiresAtMs = grant.expiresAtMs
  }
  if (grant.info !== undefined) subscription.channelInfo = JSON.stringify(grant.info)
  subscription.wantsJoinLeave = request.join_leave === true && policy.hasJoinLeave
  const channel = channels.attach(subscription)
  if (channel === undefined) {
    return over(connection, subscription, { ...PROTOCOL_ERROR.LIMIT_EXCEEDED, message: 'too many channels' })
  }
  await channel.interest
  if (!isOver(subscription) && policy.hasPresence) await connection.setPresence(subscription)
  if (isOver(subscription)) return ENDED
  if (channel instanceof LatestChannel) {
    await channel.ready(request)
    return isOver(subscription)
      ? ENDED
      : new JoinedLatest(subscription, channel, { request, data: grant.data })
  }
  const { gaps } = channel
  const page = await readHistory(connection, subscription, request)
  if (isOver(subscription)) return ENDED
  return new JoinedChannel(subscription, channel, {
    page,
    gaps,
    data: grant.data,
    missed: missedOf(connection, request, page),
  })
}

/** From where the client is, or only where the stream is. */
async function readHistory(
  { context: { broker, limits } }: ConnectionCore,
  { name, binding: { policy } }: Subscription,
  { recover, offset = 0, epoch = '' }: SubscribeRequest,
): Promise<HistoryPage | undefined> {
  if (policy.history === undefined) return undefined
  if (recover !== true) return await broker.history(name, { limit: 0 }, policy.history)
  return await broker.history(
    name,
    { since: { offset, epoch }, limit: limits.recoveryPublications },
    policy.history,
  )
}

/** What the client missed as a JSON array; undefined when not all of it can be told in a reply. */
function missedOf(
  { context: { limits } }: ConnectionCore,
  { recover, epoch }: SubscribeRequest,
  page: HistoryPage | undefined,
): string | null | undefined {
  if (recover !== true) return undefined
  if (page === undefined || !page.complete || page.hasMore || page.position.epoch !== epoch) return null
  const { publications } = page
  return countWithin(publications, limits.recoveryBytes) < publications.length
    ? null
    : encodePublications(publications)
}

function isOver(subscription: Subscription): boolean {
  return subscription.state === 'ended'
}

function over(connection: ConnectionCore, subscription: Subscription, refusal: ReplyError): RefusedJoin {
  connection.drop(subscription)
  return { refusal }
}
