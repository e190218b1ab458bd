import type { HistoryRequest } from '../../protocol/command.ts'
import { PROTOCOL_ERROR } from '../../protocol/error-codes.ts'
import { encodeResultReply } from '../../protocol/encode-reply.ts'
import { type CommandOutcome, refuse } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'
import { countWithin, encodePublications } from '../encode-publications.ts'
import { findBinding } from '../find-binding.ts'

/** Command `history`: a page of at most the limits' size; shorter pages than asked for are not the last ones. */
export async function runHistory(
  connection: ConnectionCore,
  id: number,
  { channel, limit = 0, since, reverse }: HistoryRequest,
): Promise<CommandOutcome> {
  const binding = findBinding(connection.context, channel)
  if (binding === undefined) return refuse(id, PROTOCOL_ERROR.UNKNOWN_CHANNEL)
  await binding.allow(connection, 'history')
  if (binding.policy.history === undefined) return refuse(id, PROTOCOL_ERROR.NOT_AVAILABLE)
  const { broker, limits } = connection.context
  const most = limits.historyPublications
  const page = await broker.history(
    channel,
    { since, limit: limit < 0 ? most : Math.min(limit, most), reverse: reverse === true },
    binding.policy.history,
  )
  if (!page.complete) return refuse(id, PROTOCOL_ERROR.UNRECOVERABLE_POSITION)
  const { publications, position } = page
  // At least one, or the client would never get on.
  const count = Math.max(1, countWithin(publications, limits.recoveryBytes))
  const texts = encodePublications(count < publications.length ? publications.slice(0, count) : publications)
  const place = `"epoch":${JSON.stringify(position.epoch)},"offset":${position.offset}`
  return encodeResultReply(id, 'history', `{"publications":${texts},${place}}`)
}
