import { PROTOCOL_ERROR } from '../../protocol/error-codes.ts'
import { encodeResultReply } from '../../protocol/encode-reply.ts'
import { type CommandOutcome, refuse } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'
import { secondsUntil } from '../seconds-until.ts'

/** Command `refresh`: a new token of the live connection. */
export async function runRefresh(
  connection: ConnectionCore,
  id: number,
  token: string | undefined,
): Promise<CommandOutcome> {
  if (token === undefined || token === '') {
    return refuse(id, PROTOCOL_ERROR.BAD_REQUEST, 'bad request: refresh.token is missing')
  }
  const { handlers, clock } = connection.context
  const { expiresAtMs, info } = await handlers.refresh(connection, token)
  if (expiresAtMs !== undefined && expiresAtMs <= clock.now()) return refuse(id, PROTOCOL_ERROR.TOKEN_EXPIRED)
  connection.renew(expiresAtMs, info)
  return encodeResultReply(id, 'refresh', `{"client":"${connection.id}",${expiry(expiresAtMs, clock.now())}}`)
}

/** Command `sub_refresh`: asks the channel's rule again, with a new token. */
export async function runSubRefresh(
  connection: ConnectionCore,
  id: number,
  { channel, token }: { readonly channel: string; readonly token?: string },
): Promise<CommandOutcome> {
  const subscription = connection.subscriptions?.get(channel)
  if (subscription?.state !== 'live') return refuse(id, PROTOCOL_ERROR.PERMISSION_DENIED)
  const { clock } = connection.context
  const request = token === undefined ? { channel } : { channel, token }
  const { expiresAtMs } = await subscription.binding.subscribe(connection, request, subscription.isServerSide)
  if (expiresAtMs !== undefined && expiresAtMs <= clock.now()) return refuse(id, PROTOCOL_ERROR.TOKEN_EXPIRED)
  subscription.expiresAtMs = expiresAtMs ?? 0
  return encodeResultReply(id, 'sub_refresh', `{${expiry(expiresAtMs, clock.now())}}`)
}

function expiry(expiresAtMs: number | undefined, nowMs: number): string {
  return expiresAtMs === undefined
    ? '"expires":false'
    : `"expires":true,"ttl":${secondsUntil(expiresAtMs, nowMs)}`
}
