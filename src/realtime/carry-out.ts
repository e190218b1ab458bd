import { GoWebError } from '../errors/goweb-error.ts'
import { encodePush } from '../protocol/encode-reply.ts'
import { UNSUBSCRIBE } from '../protocol/unsubscribe-codes.ts'
import type { ConnectionCore } from './connection-core.ts'
import { joinChannel } from './join-channel.ts'
import type { NodeOrder } from './node-order.ts'
import type { Subscription } from './subscription.ts'

/** Does with one connection what was ordered for all of its user. */
export function carryOut(connection: ConnectionCore, order: NodeOrder): void {
  if (order.do === 'disconnect') return connection.disconnect(order.code, order.reason)
  if (connection.phase !== 'connected') return
  switch (order.do) {
    case 'unsubscribe': {
      const subscription = connection.subscriptions?.get(order.channel)
      if (subscription === undefined) return
      return connection.endSubscription(subscription, UNSUBSCRIBE.SERVER.code, UNSUBSCRIBE.SERVER.reason)
    }
    case 'send':
      return connection.send(encodePush('message', { data: order.data }))
    case 'subscribe':
      if (connection.subscriptions?.has(order.channel) !== true) void subscribe(connection, order.channel)
  }
}

async function subscribe(connection: ConnectionCore, channel: string): Promise<void> {
  let subscription: Subscription | undefined
  try {
    const joined = await joinChannel(connection, { channel, join_leave: true }, true)
    if ('refusal' in joined) {
      throw new GoWebError(
        'CHANNEL_JOIN_REFUSED',
        `A connection could not be subscribed: ${joined.refusal.message}`,
      )
    }
    subscription = joined.subscription
    if (!joined.isSound) {
      const { code, reason } = UNSUBSCRIBE.INSUFFICIENT_STATE
      return connection.endSubscription(subscription, code, reason)
    }
    const result = joined.encode(connection.context.clock.now())
    connection.send(`{"push":{"channel":${JSON.stringify(channel)},"subscribe":${result}}}`)
    joined.goLive()
    connection.announceJoin(subscription)
  } catch (error) {
    if (subscription !== undefined) connection.drop(subscription)
    connection.context.handlers.report(error, 'subscribe from the server')
  }
}
