import { GoWebError } from '../errors/goweb-error.ts'
import type { ConnectRequest } from '../protocol/command.ts'
import type { ConnectionCore } from './connection-core.ts'
import { joinChannel } from './join-channel.ts'
import type { Joined } from './joined.ts'
import type { ConnectGrant } from './realtime-handlers.ts'
import { secondsUntil } from './seconds-until.ts'

/** Joins the channels that the app subscribes a connection to; what refuses is reported and left out. */
export async function joinGranted(
  connection: ConnectionCore,
  { channels = [] }: ConnectGrant,
  { subs }: ConnectRequest,
): Promise<Joined[]> {
  const { handlers } = connection.context
  const joins = channels.map(async (channel) => {
    try {
      const wanted = subs !== undefined && Object.hasOwn(subs, channel) ? subs[channel] : undefined
      const joined = await joinChannel(connection, { join_leave: true, ...wanted, channel }, true)
      if (!('refusal' in joined)) return joined
      throw new GoWebError(
        'CHANNEL_JOIN_REFUSED',
        `A connection could not be subscribed: ${joined.refusal.message}`,
      )
    } catch (error) {
      handlers.report(error, 'subscribe at connect')
      return undefined
    }
  })
  return (await Promise.all(joins)).filter((joined) => joined !== undefined)
}

/** JSON text of the `ConnectResult`. */
export function encodeConnectResult(
  { id, context, expiresAtMs, user }: ConnectionCore,
  { data }: ConnectGrant,
  joined: readonly Joined[],
): string {
  const { limits, clock, nodeId } = context
  const nowMs = clock.now()
  const parts = [`"client":"${id}","version":"goweb"`]
  if (user !== '') parts.push(`"user":${JSON.stringify(user)}`)
  if (expiresAtMs > 0) parts.push(`"expires":true,"ttl":${secondsUntil(expiresAtMs, nowMs)}`)
  if (data !== undefined) parts.push(`"data":${JSON.stringify(data)}`)
  if (joined.length > 0) {
    const subs = joined.map((one) => `${JSON.stringify(one.subscription.name)}:${one.encode(nowMs)}`)
    parts.push(`"subs":{${subs.join(',')}}`)
  }
  parts.push(`"ping":${Math.max(1, Math.ceil(limits.pingIntervalMs / 1_000))},"pong":true,"node":"${nodeId}"`)
  return `{${parts.join(',')}}`
}
