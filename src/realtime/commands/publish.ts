import { isThenable } from '../../chain/compose.ts'
import type { PublishRequest } from '../../protocol/command.ts'
import { PROTOCOL_ERROR } from '../../protocol/error-codes.ts'
import { encodeResultReply } from '../../protocol/encode-reply.ts'
import { type CommandRun, refuse, type StoringReply } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'
import type { MaybePromise } from '../broker.ts'
import { encodePayload } from '../encode-payload.ts'
import type { AcceptedPublication } from '../realtime-handlers.ts'
import { toReplyError } from '../reply-error.ts'
import { keyOf, storePublication } from '../store-publication.ts'
import type { Subscription } from '../subscription.ts'

const MAX_ID_LENGTH = 128
/** No command has this id. */
const UNSETTLED = -1

/** Command `publish`: to a channel that the connection is subscribed to. Answered when the broker has it; no promise where nothing waits. */
export function runPublish(connection: ConnectionCore, id: number, request: PublishRequest): CommandRun {
  const subscription = connection.subscriptions?.get(request.channel)
  if (subscription?.state !== 'live') return refuse(id, PROTOCOL_ERROR.PERMISSION_DENIED)
  const { event, data, id: key, after = 0 } = request
  if (after > 0 && after !== subscription.settledPublish) {
    // What the client repeats may not be overtaken: this one will be repeated behind it.
    return refuse(id, PROTOCOL_ERROR.TOO_MANY_REQUESTS, 'the publish before it has failed')
  }
  if (key !== undefined && !isIdempotencyKey(key)) {
    subscription.settledPublish = id
    return refuse(id, PROTOCOL_ERROR.BAD_REQUEST, 'bad request: publish.id')
  }
  let accepted: MaybePromise<AcceptedPublication>
  try {
    accepted = subscription.binding.publish(connection, { event, data, id: key })
  } catch (error) {
    settleRefused(subscription, id, error)
    throw error
  }
  if (!isThenable(accepted)) return store(connection, subscription, { id, key, accepted })
  return accepted.then(
    (value) => store(connection, subscription, { id, key, accepted: value }),
    (error: unknown) => {
      settleRefused(subscription, id, error)
      throw error
    },
  )
}

/** What the app has refused for good, what follows it need not wait for. */
function settleRefused(subscription: Subscription, id: number, error: unknown): void {
  if (toReplyError(error).temporary !== true) subscription.settledPublish = id
}

interface Accepted {
  readonly id: number
  readonly key: string | undefined
  readonly accepted: AcceptedPublication
}

function store(
  connection: ConnectionCore,
  subscription: Subscription,
  { id, key, accepted }: Accepted,
): CommandRun {
  // The right to publish may have ended while the app decided.
  if (subscription.state !== 'live') return refuse(id, PROTOCOL_ERROR.PERMISSION_DENIED)
  const { broker, clock } = connection.context
  const ownKey = accepted.id ?? key
  if (ownKey !== undefined && !isIdempotencyKey(ownKey)) {
    subscription.settledPublish = id
    return refuse(id, PROTOCOL_ERROR.BAD_REQUEST, 'bad request: the id of the publication')
  }
  const stored = storePublication(broker, {
    channel: subscription.name,
    policy: subscription.binding.policy,
    payload: encodePayload(accepted, {
      clientInfo: subscription.clientInfo,
      id: ownKey,
      timeMs: clock.now(),
    }),
    accepted,
    idempotencyKey: ownKey === undefined ? undefined : keyOf(connection.user, ownKey),
    except: undefined,
  })
  if (!isThenable(stored)) return published(subscription, id)
  if (broker.keepsPublishOrder !== true) return stored.then(() => published(subscription, id))
  subscription.settledPublish = id
  return new Storing(subscription, id, stored)
}

/** A publish whose place is behind those before it, whether or not they are stored yet. */
class Storing implements StoringReply {
  readonly stored: Promise<unknown>
  readonly #subscription: Subscription
  readonly #id: number

  constructor(subscription: Subscription, id: number, stored: Promise<unknown>) {
    this.#subscription = subscription
    this.#id = id
    this.stored = stored
  }

  text(): string {
    return encodeResultReply(this.#id, 'publish', '{}')
  }

  failed(error: unknown): void {
    // What came behind it meanwhile fails as well, and what will come behind those is refused.
    if (toReplyError(error).temporary === true) this.giveUp()
  }

  giveUp(): void {
    this.#subscription.settledPublish = UNSETTLED
  }
}

function published(subscription: Subscription, id: number): string {
  subscription.settledPublish = id
  return encodeResultReply(id, 'publish', '{}')
}

function isIdempotencyKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= MAX_ID_LENGTH && !key.includes('\n')
}
