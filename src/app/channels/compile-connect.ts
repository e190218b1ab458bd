import type { Run } from '../../chain/compose.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { ConnectGrant } from '../../realtime/realtime-handlers.ts'
import { andThen } from './and-then.ts'
import type { Authenticate, Authentication } from './authenticate.ts'
import { ConnectCommand } from './command-kinds.ts'
import { Granted, toJson } from './command-result.ts'

const ANONYMOUS = new Granted<ConnectGrant>({ user: '' })

/** Makes the end of the chain of a connection: the `authenticate` hook; without one everyone is anonymous. */
export function compileConnect(hook: Authenticate<{}> | undefined): Run<ConnectCommand> {
  if (hook === undefined) return () => ANONYMOUS
  return (c) => andThen(hook(c as never, ConnectCommand.tokenOf(c)), toGrant) // The context that its type names.
}

function toGrant(said: Authentication | undefined | null | false): Granted<ConnectGrant> {
  if (said === undefined || said === null || said === false) throw new GoWebError('UNAUTHORIZED')
  const { user, expiresAt, info, data, channels, state } = said
  if (typeof user !== 'string') throw invalid(`user: expected a string, got ${typeof user}`)
  if (expiresAt !== undefined && !(expiresAt instanceof Date && Number.isFinite(expiresAt.getTime()))) {
    throw invalid(`expiresAt: expected a Date, got ${typeof expiresAt}`)
  }
  if (
    channels !== undefined &&
    !(Array.isArray(channels) && channels.every((name) => typeof name === 'string'))
  ) {
    throw invalid('channels: expected a list of names')
  }
  return new Granted({
    user,
    expiresAtMs: expiresAt?.getTime(),
    info: info === undefined ? undefined : toJson(info),
    data: data === undefined ? undefined : toJson(data),
    channels,
    state,
  })
}

function invalid(problem: string): GoWebError {
  return new GoWebError('COMMAND_RESULT_INVALID', `authenticate returned what is none: ${problem}`)
}
