import { isThenable } from '../../chain/compose.ts'
import type { PublishRequest } from '../../protocol/command.ts'
import { PROTOCOL_ERROR } from '../../protocol/error-codes.ts'
import { encodeResultReply } from '../../protocol/encode-reply.ts'
import { type CommandRun, refuse } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'
import { encodePayload } from '../encode-payload.ts'
import type { AcceptedPublication } from '../realtime-handlers.ts'
import { keyOf, storePublication } from '../store-publication.ts'
import type { Subscription } from '../subscription.ts'

const MAX_ID_LENGTH = 128

/** Command `publish`: to a channel that the connection is subscribed to. Answered when the broker has it; no promise where nothing waits. */
export function runPublish(connection: ConnectionCore, id: number, request: PublishRequest): CommandRun {
  const subscription = connection.subscriptions?.get(request.channel)
  if (subscription?.state !== 'live') return refuse(id, PROTOCOL_ERROR.PERMISSION_DENIED)
  const { event, data, id: key } = request
  if (key !== undefined && !isIdempotencyKey(key)) {
    return refuse(id, PROTOCOL_ERROR.BAD_REQUEST, 'bad request: publish.id')
  }
  const accepted = subscription.binding.publish(connection, { event, data, id: key })
  return isThenable(accepted)
    ? accepted.then((value) => store(connection, subscription, { id, key, accepted: value }))
    : store(connection, subscription, { id, key, accepted })
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
  return isThenable(stored) ? stored.then(() => published(id)) : published(id)
}

function published(id: number): string {
  return encodeResultReply(id, 'publish', '{}')
}

function isIdempotencyKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= MAX_ID_LENGTH && !key.includes('\n')
}
