import { GoWebError } from '../errors/goweb-error.ts'
import type { RequestContext } from '../http/request-context.ts'
import type { Router, RouterOptions } from '../router/router.ts'
import type { Authenticate } from './channels/authenticate.ts'
import type { CommandTable } from './channels/command-table.ts'
import { underMount, type Definition, type Mount } from './definitions.ts'
import { assertPrefix } from './mount-prefix.ts'
import { ScopeTables, type CompiledRoute as Compiled } from './scope-tables.ts'
import type { StepEntry } from './step-entry.ts'

/** A route in the router of one app. */
export type CompiledRoute = Compiled<Scope>

type ScopedHandler = (error: unknown, c: never) => unknown

/**
 * What one app holds: routes, middleware, handlers and the apps mounted into it.
 *
 * What is added holds for what is defined afterwards and for apps mounted afterwards, and never for the parent. A route added to
 * a mounted app later also reaches the routers above it.
 */
export class Scope {
  readonly #routerOptions: RouterOptions
  #tables: ScopeTables<Scope>
  readonly #definitions: Definition<Scope>[] = []
  readonly #mounts: Mount<Scope>[] = []
  readonly #parents: { readonly scope: Scope; readonly mount: Mount<Scope> }[] = []
  readonly plugins: Set<string> = new Set()
  readonly startCallbacks: (() => unknown)[] = []
  readonly stopCallbacks: (() => unknown)[] = []
  steps: readonly StepEntry[] = []
  /** The middleware that channel connections pass: what there was when `authenticate` or the first channel or call was added. */
  connectSteps: readonly StepEntry[] | undefined
  /** Set by {@link Scope.setAuthenticate}. */
  authenticate: Authenticate<{}> | undefined
  errorHandler: ScopedHandler | undefined
  notFoundHandler: ((c: RequestContext) => unknown) | undefined

  /** Rises with every change to the structure, so that what was derived from it can be derived anew. */
  static changes = 0

  constructor(routerOptions: RouterOptions) {
    this.#routerOptions = routerOptions
    this.#tables = new ScopeTables(routerOptions)
  }

  /** All routes of this app and of those mounted into it; another one after an addition that was refused. */
  get router(): Router<CompiledRoute> {
    return this.#tables.router
  }

  /** The routes of sockets among them; undefined while there is none. */
  get sockets(): Router<CompiledRoute> | undefined {
    return this.#tables.sockets
  }

  /** All channels and calls, likewise. */
  get commands(): CommandTable {
    return this.#tables.commands
  }

  /** Whether another app has it mounted. */
  get isMounted(): boolean {
    return this.#parents.length > 0
  }

  get mounts(): readonly Mount<Scope>[] {
    return this.#mounts
  }

  /** @throws `MOUNT_INVALID`, `OPTION_INVALID` */
  setAuthenticate(hook: Authenticate<{}>): void {
    if (typeof hook !== 'function') {
      throw new GoWebError('OPTION_INVALID', `authenticate(hook): expected a function, got ${typeof hook}`)
    }
    if (this.isMounted) throw authenticatesInside('authenticate(hook)')
    this.authenticate = hook
    this.connectSteps = this.steps
  }

  use(entry: StepEntry): void {
    this.steps = [...this.steps, entry]
    Scope.changes++
  }

  /** @throws what the routers refuse; all of them are then as before. */
  define(entry: Definition<Scope>['entry']): void {
    this.#defineAll([{ entry, steps: this.steps, scopes: [this] }])
  }

  /** @throws `MOUNT_INVALID`, `PLUGIN_REGISTERED_TWICE` and what the routers refuse; all of them are then as before. */
  mount(prefix: string, child: Scope): void {
    assertPrefix(prefix)
    if (child === this || child.#contains(this)) {
      throw new GoWebError('MOUNT_INVALID', `mount('${prefix}', app): the app would contain itself`)
    }
    if ([...child.all()].some(({ authenticate }) => authenticate !== undefined)) {
      throw authenticatesInside(`mount('${prefix}', app)`)
    }
    const twice = this.#pluginTwice(child)
    if (twice !== undefined) {
      throw new GoWebError(
        'PLUGIN_REGISTERED_TWICE',
        `mount('${prefix}', app): plugin ${twice} is registered in both apps`,
      )
    }
    const mount: Mount<Scope> = { prefix: prefix === '/' ? '' : prefix, scope: child, steps: this.steps }
    this.#defineAll(child.#definitions.map((definition) => underMount(mount, definition, this)))
    this.#mounts.push(mount)
    Scope.changes++
    child.#parents.push({ scope: this, mount })
  }

  /** @throws `PLUGIN_REGISTERED_TWICE` when this app, one above it or one below it has it. */
  addPlugin(name: string): void {
    const isBelow = [...this.all()].some(({ plugins }) => plugins.has(name))
    if (isBelow || this.hasPlugin(name)) {
      throw new GoWebError(
        'PLUGIN_REGISTERED_TWICE',
        `Plugin ${name} is registered already: in this app, in one above it or in one mounted into it`,
      )
    }
    this.plugins.add(name)
  }

  /** Whether a plugin is registered here or in an app that this one is mounted into. */
  hasPlugin(name: string): boolean {
    return this.plugins.has(name) || this.#parents.some(({ scope }) => scope.hasPlugin(name))
  }

  /** This app and all apps mounted into it, each once. */
  *all(seen: Set<Scope> = new Set()): IterableIterator<Scope> {
    if (seen.has(this)) return
    seen.add(this)
    yield this
    for (const { scope } of this.#mounts) yield* scope.all(seen)
  }

  #defineAll(definitions: readonly Definition<Scope>[]): void {
    const before = this.#sizes()
    try {
      for (const definition of definitions) this.#define(definition)
    } catch (error) {
      for (const [scope, size] of before) scope.#truncate(size)
      throw error
    }
  }

  #define(definition: Definition<Scope>): void {
    this.#tables.add(definition)
    this.#definitions.push(definition)
    if (definition.entry.kind === 'channel' || definition.entry.kind === 'call')
      this.connectSteps ??= this.steps
    for (const { scope, mount } of this.#parents) scope.#define(underMount(mount, definition, scope))
  }

  /** How many routes this app and each app above it has. */
  #sizes(sizes: Map<Scope, number> = new Map()): Map<Scope, number> {
    sizes.set(this, this.#definitions.length)
    for (const { scope } of this.#parents) scope.#sizes(sizes)
    return sizes
  }

  /** Takes the last routes out again. A router forgets nothing, so it is made anew; only mistakes pay for that. */
  #truncate(size: number): void {
    this.#definitions.length = size
    this.#tables = new ScopeTables(this.#routerOptions)
    for (const definition of this.#definitions) this.#tables.add(definition)
  }

  #contains(other: Scope): boolean {
    return this.#mounts.some(({ scope }) => scope === other || scope.#contains(other))
  }

  #pluginTwice(child: Scope): string | undefined {
    for (const scope of child.all()) {
      for (const name of scope.plugins) if (this.hasPlugin(name)) return name
    }
    return undefined
  }
}

function authenticatesInside(where: string): GoWebError {
  return new GoWebError(
    'MOUNT_INVALID',
    `${where}: a mounted app has no connections of its own; call authenticate on the app that listens`,
  )
}
