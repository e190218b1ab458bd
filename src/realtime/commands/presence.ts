import { PROTOCOL_ERROR } from '../../protocol/error-codes.ts'
import { encodeResultReply } from '../../protocol/encode-reply.ts'
import type { PresenceEntry } from '../broker.ts'
import { type CommandOutcome, refuse } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'
import { findBinding } from '../find-binding.ts'

/** Command `presence`: who is there. */
export async function runPresence(
  connection: ConnectionCore,
  id: number,
  channel: string,
): Promise<CommandOutcome> {
  const members = await readPresence(connection, id, channel)
  if (typeof members === 'string') return members
  if (members.length > connection.context.limits.presenceMembers) {
    return refuse(id, PROTOCOL_ERROR.LIMIT_EXCEEDED, 'too many members')
  }
  const texts = members.map(({ client, info }) => `${JSON.stringify(client)}:${info}`)
  return encodeResultReply(id, 'presence', `{"presence":{${texts.join(',')}}}`)
}

/** Command `presence_stats`: how many are there. */
export async function runPresenceStats(
  connection: ConnectionCore,
  id: number,
  channel: string,
): Promise<CommandOutcome> {
  const members = await readPresence(connection, id, channel)
  if (typeof members === 'string') return members
  const users = new Set(members.map(({ user }) => user)).size
  return encodeResultReply(id, 'presence_stats', `{"num_clients":${members.length},"num_users":${users}}`)
}

/** The members, or the reply that refuses. */
async function readPresence(
  connection: ConnectionCore,
  id: number,
  channel: string,
): Promise<readonly PresenceEntry[] | string> {
  const binding = findBinding(connection.context, channel)
  if (binding === undefined) return refuse(id, PROTOCOL_ERROR.UNKNOWN_CHANNEL)
  await binding.allow(connection, 'presence')
  if (!binding.policy.hasPresence) return refuse(id, PROTOCOL_ERROR.NOT_AVAILABLE)
  return await connection.context.broker.presence(channel)
}
