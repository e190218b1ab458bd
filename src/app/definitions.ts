import type { Run } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { BodyLimits } from '../http/body-reader.ts'
import type { RequestContext } from '../http/request-context.ts'
import type { RouteMatchers } from '../router/route.ts'
import type { SocketCeilings } from '../websocket/socket-hooks.ts'
import type { CallEntry } from './channels/call-entry.ts'
import type { ChannelEntry } from './channels/channel-entry.ts'
import { joinedName } from './channels/joined-name.ts'
import { joinPattern } from './mount-prefix.ts'
import type { StepEntry } from './step-entry.ts'

/** A route as it was defined, before any chain is put around it. */
export interface RouteEntry {
  readonly method: string
  readonly pattern: string
  readonly name: string | undefined
  readonly match: RouteMatchers | undefined
  readonly kind: 'http' | 'upgrade'
  readonly limits: BodyLimits
  /** Of a route of sockets. */
  readonly ceilings?: SocketCeilings
  readonly handler: Run<RequestContext>
  /** Makes what a middleware returns a result of the route's kind. */
  readonly normalize: (result: unknown) => unknown
}

/** What was defined in an app, with the middleware that runs before it and the scopes it passes, outermost first. */
export interface Definition<Scope> {
  readonly entry: RouteEntry | ChannelEntry | CallEntry
  readonly steps: readonly StepEntry[]
  readonly scopes: readonly Scope[]
}

/** An app that is mounted into another. */
export interface Mount<Scope> {
  /** `''` for an app mounted at `/`. */
  readonly prefix: string
  readonly scope: Scope
  /** The parent's middleware when the app was mounted. */
  readonly steps: readonly StepEntry[]
}

/** A definition of a mounted app as its parent has it. @throws `MOUNT_INVALID` */
export function underMount<Scope>(
  mount: Mount<Scope>,
  { entry, steps, scopes }: Definition<Scope>,
  parent: Scope,
): Definition<Scope> {
  return {
    entry: prefixed(entry, mount.prefix),
    steps: [...mount.steps, ...steps],
    scopes: [parent, ...scopes],
  }
}

function prefixed<Entry extends RouteEntry | ChannelEntry | CallEntry>(entry: Entry, prefix: string): Entry {
  if (entry.kind === 'channel') return { ...entry, pattern: joinedName(prefix, entry.pattern, '/') }
  if (entry.kind !== 'call') return { ...entry, pattern: joinPattern(prefix, entry.pattern) }
  if (prefix.includes('{')) {
    throw new GoWebError(
      'MOUNT_INVALID',
      `mount('${prefix}', app): the app has calls (${entry.name}), whose names have no variables; mount it under plain text`,
    )
  }
  return { ...entry, name: joinedName(prefix, entry.name, '.') }
}
