import { isThenable } from '../../chain/compose.ts'
import type { RpcRequest } from '../../protocol/command.ts'
import { encodeResultReply } from '../../protocol/encode-reply.ts'
import type { Json } from '../../protocol/json.ts'
import type { CommandRun } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'

interface Rpc {
  readonly id: number
  readonly request: RpcRequest
  readonly signal: AbortSignal
}

/** Command `rpc`: a call. */
export function runRpc(connection: ConnectionCore, { id, request, signal }: Rpc): CommandRun {
  const result = connection.context.handlers.call(connection, request, signal)
  return isThenable(result) ? result.then((value) => reply(id, value)) : reply(id, result)
}

/** Command `send`: a message without an answer. */
export function runSend(connection: ConnectionCore, data: Json | undefined): CommandRun {
  const result = connection.context.handlers.message(connection, data)
  return isThenable(result) ? result.then(() => undefined) : undefined
}

function reply(id: number, value: Json | undefined): string {
  const data = value === undefined ? undefined : JSON.stringify(value)
  return encodeResultReply(id, 'rpc', data === undefined ? '{}' : `{"data":${data}}`)
}
