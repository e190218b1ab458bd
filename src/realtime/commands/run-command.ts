import type { Command } from '../../protocol/command.ts'
import { PROTOCOL_ERROR } from '../../protocol/error-codes.ts'
import { encodeResultReply } from '../../protocol/encode-reply.ts'
import { type CommandRun, refuse } from '../command-outcome.ts'
import type { ConnectionCore } from '../connection-core.ts'
import { runHistory } from './history.ts'
import { runPresence, runPresenceStats } from './presence.ts'
import { runPublish } from './publish.ts'
import { runRefresh, runSubRefresh } from './refresh.ts'
import { runRpc, runSend } from './rpc.ts'
import { runSubscribe, runUnsubscribe } from './subscribe.ts'

/** Runs any command but `connect`, of a connected client. May throw and reject with what handlers and brokers throw. */
export function runCommand(
  connection: ConnectionCore,
  command: Command,
  abort: AbortController | undefined,
): CommandRun {
  const { id = 0 } = command
  // The frequent ones first.
  if (command.publish !== undefined) return runPublish(connection, id, command.publish)
  if (command.rpc !== undefined) {
    // Whoever starts a call made a controller for it.
    return runRpc(connection, { id, request: command.rpc, signal: abort!.signal })
  }
  if (command.subscribe !== undefined) return runSubscribe(connection, id, command.subscribe)
  if (command.unsubscribe !== undefined) return runUnsubscribe(connection, id, command.unsubscribe.channel)
  if (command.history !== undefined) return runHistory(connection, id, command.history)
  if (command.presence !== undefined) return runPresence(connection, id, command.presence.channel)
  if (command.presence_stats !== undefined) {
    return runPresenceStats(connection, id, command.presence_stats.channel)
  }
  if (command.send !== undefined) return runSend(connection, command.send.data)
  if (command.refresh !== undefined) return runRefresh(connection, id, command.refresh.token)
  if (command.sub_refresh !== undefined) return runSubRefresh(connection, id, command.sub_refresh)
  if (command.ping !== undefined) return encodeResultReply(id, 'ping', '{}')
  return refuse(id, PROTOCOL_ERROR.METHOD_NOT_FOUND)
}

/** The channel that a command is about; undefined where it is about none. */
export function channelOf(command: Command): string | undefined {
  const about =
    command.publish ??
    command.subscribe ??
    command.unsubscribe ??
    command.history ??
    command.presence ??
    command.presence_stats ??
    command.sub_refresh
  return about?.channel
}
