import type { Kind } from '../chain/base-context.ts'
import { compose, type Run, type Step } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { BodyLimits } from '../http/body-reader.ts'
import type { RequestContext } from '../http/request-context.ts'
import type { RouteDefinition, RouteMatchers } from '../router/route.ts'
import { assertPrefix, joinPattern } from './mount-prefix.ts'
import { Router, type RouterOptions } from '../router/router.ts'

/** A route as it was defined, before any chain is put around it. */
export interface RouteEntry {
  readonly method: string
  readonly pattern: string
  readonly name: string | undefined
  readonly match: RouteMatchers | undefined
  readonly kind: 'http' | 'upgrade'
  readonly limits: BodyLimits
  readonly handler: Run<RequestContext>
  /** Makes what a middleware returns a result of the route's kind. */
  readonly normalize: (result: unknown) => unknown
}

/** A middleware with the kinds it runs for. */
export interface StepEntry {
  readonly step: Step<RequestContext>
  readonly kinds: readonly Kind[] | undefined
}

/** A route in the router of one app: its chain compiled, with the scopes it passes, outermost first. */
export interface CompiledRoute {
  readonly pattern: string
  readonly limits: BodyLimits
  readonly run: Run<RequestContext>
  readonly scopes: readonly Scope[]
}

interface Definition {
  readonly entry: RouteEntry
  readonly steps: readonly StepEntry[]
  readonly scopes: readonly Scope[]
}

interface Mount {
  /** `''` for an app mounted at `/`. */
  readonly prefix: string
  readonly scope: Scope
  /** The parent's middleware when the app was mounted. */
  readonly steps: readonly StepEntry[]
}

type ScopedHandler = (error: unknown, c: never) => unknown

/**
 * What one app holds: routes, middleware, handlers and the apps mounted into it.
 *
 * What is added holds for what is defined afterwards and for apps mounted afterwards, and never for the parent. A route added to
 * a mounted app later also reaches the routers above it.
 */
export class Scope {
  readonly #routerOptions: RouterOptions
  #router: Router<CompiledRoute>
  readonly #definitions: Definition[] = []
  readonly #mounts: Mount[] = []
  readonly #parents: { readonly scope: Scope; readonly mount: Mount }[] = []
  readonly plugins: Set<string> = new Set()
  readonly startCallbacks: (() => unknown)[] = []
  readonly stopCallbacks: (() => unknown)[] = []
  steps: readonly StepEntry[] = []
  errorHandler: ScopedHandler | undefined
  notFoundHandler: ((c: RequestContext) => unknown) | undefined

  /** Rises with every change to the structure, so that what was derived from it can be derived anew. */
  static changes = 0

  constructor(routerOptions: RouterOptions) {
    this.#routerOptions = routerOptions
    this.#router = new Router(routerOptions)
  }

  /** All routes of this app and of those mounted into it; another one after an addition that was refused. */
  get router(): Router<CompiledRoute> {
    return this.#router
  }

  get mounts(): readonly Mount[] {
    return this.#mounts
  }

  use(entry: StepEntry): void {
    this.steps = [...this.steps, entry]
    Scope.changes++
  }

  /** @throws what the routers refuse; all of them are then as before. */
  addRoute(entry: RouteEntry): void {
    this.#defineAll([{ entry, steps: this.steps, scopes: [this] }])
  }

  /** @throws `MOUNT_INVALID`, `PLUGIN_REGISTERED_TWICE` and what the routers refuse; all of them are then as before. */
  mount(prefix: string, child: Scope): void {
    assertPrefix(prefix)
    if (child === this || child.#contains(this)) {
      throw new GoWebError('MOUNT_INVALID', `mount('${prefix}', app): the app would contain itself`)
    }
    const twice = this.#pluginTwice(child)
    if (twice !== undefined) {
      throw new GoWebError(
        'PLUGIN_REGISTERED_TWICE',
        `mount('${prefix}', app): plugin ${twice} is registered in both apps`,
      )
    }
    const mount: Mount = { prefix: prefix === '/' ? '' : prefix, scope: child, steps: this.steps }
    this.#defineAll(child.#definitions.map((definition) => under(mount, definition, this)))
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

  #defineAll(definitions: readonly Definition[]): void {
    const before = this.#sizes()
    try {
      for (const definition of definitions) this.#define(definition)
    } catch (error) {
      for (const [scope, size] of before) scope.#truncate(size)
      throw error
    }
  }

  #define(definition: Definition): void {
    this.#router.add(routeOf(definition))
    this.#definitions.push(definition)
    for (const { scope, mount } of this.#parents) scope.#define(under(mount, definition, scope))
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
    this.#router = new Router(this.#routerOptions)
    for (const definition of this.#definitions) this.#router.add(routeOf(definition))
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

/** The middleware of a list that runs for a kind. */
export function stepsFor(entries: readonly StepEntry[], kind: Kind): Step<RequestContext>[] {
  return entries.filter(({ kinds }) => kinds === undefined || kinds.includes(kind)).map(({ step }) => step)
}

function routeOf({ entry, steps, scopes }: Definition): RouteDefinition<CompiledRoute> {
  return {
    method: entry.method,
    pattern: entry.pattern,
    name: entry.name,
    match: entry.match,
    value: {
      pattern: entry.pattern,
      limits: entry.limits,
      run: compose(stepsFor(steps, entry.kind), entry.handler, entry.normalize),
      scopes,
    },
  }
}

function under(mount: Mount, definition: Definition, parent: Scope): Definition {
  return {
    entry: { ...definition.entry, pattern: joinPattern(mount.prefix, definition.entry.pattern) },
    steps: [...mount.steps, ...definition.steps],
    scopes: [parent, ...definition.scopes],
  }
}
