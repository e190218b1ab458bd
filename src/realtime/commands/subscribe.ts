import type { SubscribeRequest } from '../../protocol/command.ts'
import { PROTOCOL_ERROR } from '../../protocol/error-codes.ts'
import { encodeErrorReply, encodeResultReply } from '../../protocol/encode-reply.ts'
import { type CommandOutcome, type CommandRun, refuse, type StagedReply } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'
import { joinChannel } from '../join-channel.ts'
import type { Joined } from '../joined.ts'

/** Command `subscribe`. */
export async function runSubscribe(
  connection: ConnectionCore,
  id: number,
  request: SubscribeRequest,
): Promise<CommandOutcome> {
  const joined = await joinChannel(connection, request, false)
  return 'refusal' in joined ? refuse(id, joined.refusal) : new SubscribeReply(connection, id, joined)
}

/** Command `unsubscribe`; of what it is not subscribed to as well. */
export function runUnsubscribe(connection: ConnectionCore, id: number, name: string): CommandRun {
  const subscription = connection.subscriptions?.get(name)
  if (subscription !== undefined) connection.drop(subscription)
  return encodeResultReply(id, 'unsubscribe', '{}')
}

class SubscribeReply implements StagedReply {
  readonly #connection: ConnectionCore
  readonly #id: number
  readonly #joined: Joined

  constructor(connection: ConnectionCore, id: number, joined: Joined) {
    this.#connection = connection
    this.#id = id
    this.#joined = joined
  }

  text(): string {
    if (this.#joined.isSound) {
      return encodeResultReply(
        this.#id,
        'subscribe',
        this.#joined.encode(this.#connection.context.clock.now()),
      )
    }
    this.abandon()
    return encodeErrorReply(this.#id, PROTOCOL_ERROR.INTERNAL)
  }

  afterwards(): void {
    const { subscription } = this.#joined
    if (subscription.state !== 'joining') return
    this.#joined.goLive()
    this.#connection.announceJoin(subscription)
  }

  abandon(): void {
    this.#connection.drop(this.#joined.subscription)
  }
}
