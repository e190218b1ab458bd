import { compose, type Run } from '../chain/compose.ts'
import type { BodyLimits } from '../http/body-reader.ts'
import type { RequestContext } from '../http/request-context.ts'
import { Router, type RouterOptions } from '../router/router.ts'
import type { SocketCeilings } from '../websocket/socket-hooks.ts'
import { CommandTable } from './channels/command-table.ts'
import type { ErrorScope } from './channels/run-command.ts'
import type { Definition } from './definitions.ts'
import { stepsFor } from './step-entry.ts'

/** A route in the router of one app: its chain compiled, with the scopes it passes, outermost first. */
export interface CompiledRoute<Scope> {
  readonly pattern: string
  readonly limits: BodyLimits
  /** Of a route of sockets. */
  readonly ceilings?: SocketCeilings | undefined
  readonly run: Run<RequestContext>
  readonly scopes: readonly Scope[]
}

/** What an app looks up: its routes, channels and calls and those of the apps mounted into it, compiled. */
export class ScopeTables<Scope extends ErrorScope> {
  readonly router: Router<CompiledRoute<Scope>>
  /** The routes of sockets once more, by themselves: most requests fit none of them after a few characters. Undefined while there is none. */
  sockets: Router<CompiledRoute<Scope>> | undefined
  readonly #options: RouterOptions
  readonly commands: CommandTable = new CommandTable()

  constructor(options: RouterOptions) {
    this.#options = options
    this.router = new Router(options)
  }

  /** @throws what the router and the table refuse; both are then as before. */
  add({ entry, steps, scopes }: Definition<Scope>): void {
    if (entry.kind === 'channel') {
      this.commands.addChannel(entry, steps, scopes)
      return
    }
    if (entry.kind === 'call') {
      this.commands.addCall(entry, steps, scopes)
      return
    }
    const { method, pattern, match } = entry
    const value = {
      pattern,
      limits: entry.limits,
      ceilings: entry.ceilings,
      run: compose(stepsFor(steps, entry.kind), entry.handler, entry.normalize),
      scopes,
    }
    this.router.add({ method, pattern, name: entry.name, match, value })
    if (method === 'WEBSOCKET') {
      this.sockets ??= new Router(this.#options)
      this.sockets.add({ method, pattern, match, value })
    }
  }
}
