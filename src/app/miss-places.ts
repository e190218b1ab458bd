import { compose, type Run } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { redirectReply } from '../http/redirect-reply.ts'
import { Reply } from '../http/reply.ts'
import type { RequestContext } from '../http/request-context.ts'
import { toReply } from '../http/to-reply.ts'
import type { RouteMiss, RouteParams } from '../router/route-result.ts'
import { Router } from '../router/router.ts'
import { MissContext } from './miss-context.ts'
import { replyWithStatus } from './reply-with-status.ts'
import { joinPattern, underPrefix } from './mount-prefix.ts'
import { Scope } from './scope.ts'
import { stepsFor, type StepEntry } from './step-entry.ts'

/** Where a request without a route belongs: the scopes of the deepest mount prefix it is under, and their chain. */
export interface MissPlace {
  readonly scopes: readonly Scope[]
  readonly run: Run<RequestContext>
}

interface UnderPrefix {
  readonly place: MissPlace
  /** What the pattern calls the path behind the prefix. */
  readonly restName: string
}

const NO_PARAMS: RouteParams = Object.freeze(Object.create(null))

const NO_FACTS = { host: '', scheme: 'http', header: () => undefined, query: () => undefined }

/** Finds the {@link MissPlace} of a path, with a router of mount prefixes that follows the structure's changes. */
export class MissPlaces {
  readonly #root: Scope
  #router: Router<UnderPrefix> = new Router({})
  #rootPlace: MissPlace | undefined
  #changes = -1

  constructor(root: Scope) {
    this.#root = root
  }

  /** The place of a path, with the variables of its prefix. */
  find(path: string): { readonly place: MissPlace; readonly params: RouteParams } {
    if (this.#changes !== Scope.changes || this.#rootPlace === undefined) this.#rebuild()
    const root = this.#rootPlace as MissPlace // Set by #rebuild.
    const result = this.#router.find('GET', path, NO_FACTS)
    if (result.kind !== 'match') return { place: root, params: NO_PARAMS }
    const { value, paramNames } = result.route
    const params = Object.create(null) as Record<string, string>
    for (const name of paramNames) if (name !== value.restName) params[name] = result.params[name] ?? ''
    return { place: value.place, params }
  }

  #rebuild(): void {
    this.#router = new Router({})
    this.#rootPlace = placeOf([this.#root], this.#root.steps)
    this.#addMounts(this.#root, '', [this.#root], [])
    this.#changes = Scope.changes
  }

  #addMounts(scope: Scope, prefix: string, scopes: readonly Scope[], steps: readonly StepEntry[]): void {
    const taken = new Set<string>()
    for (const mount of scope.mounts) {
      const full = joinPattern(prefix, mount.prefix)
      const innerScopes = [...scopes, mount.scope]
      const innerSteps = [...steps, ...mount.steps]
      // Of several apps under one prefix the first is asked; one that shares the prefix of its parent leaves misses to it.
      if (mount.prefix !== '') {
        if (taken.has(mount.prefix)) continue
        taken.add(mount.prefix)
        const place = placeOf(innerScopes, [...innerSteps, ...mount.scope.steps])
        const { pattern, restName } = underPrefix(full)
        this.#tryAdd(full, { place, restName })
        this.#tryAdd(pattern, { place, restName })
      }
      this.#addMounts(mount.scope, full, innerScopes, innerSteps)
    }
  }

  /** Prefixes that differ only in parameter names are one; the first stands. One that is too long has no place of its own. */
  #tryAdd(pattern: string, value: UnderPrefix): void {
    try {
      this.#router.add({ method: 'GET', pattern, value })
    } catch (error) {
      if (!(error instanceof GoWebError)) throw error
    }
  }
}

function placeOf(scopes: readonly Scope[], steps: readonly StepEntry[]): MissPlace {
  const answer: Run<RequestContext> = (c) => answerMiss(c as MissContext, scopes)
  return { scopes, run: compose(stepsFor(steps, 'http'), answer, toReply) }
}

function answerMiss(c: MissContext, scopes: readonly Scope[]): unknown {
  const miss = MissContext.missOf(c)
  if (miss.kind === 'redirect') {
    const query = c.search === '' ? '' : `?${c.search}`
    return redirectReply(miss.location + query, 308)
  }
  if (miss.kind === 'path-invalid') throw new GoWebError('PATH_INVALID', miss.reason)
  if (miss.kind === 'method-not-allowed') return answerMethod(miss, c.method)
  return answerNotFound(c, scopes)
}

/** Asks the not-found handlers from the innermost scope outwards. */
async function answerNotFound(c: MissContext, scopes: readonly Scope[]): Promise<Reply> {
  for (const { notFoundHandler } of scopes.toReversed()) {
    const answer = await notFoundHandler?.(c)
    if (answer !== undefined) return replyWithStatus(answer, 404)
  }
  throw new GoWebError('ROUTE_NOT_FOUND', `No route matches ${c.method} of this path`)
}

function answerMethod(
  miss: Extract<RouteMiss<unknown>, { kind: 'method-not-allowed' }>,
  method: string,
): Reply {
  const allow = miss.allow.join(', ')
  if (method === 'OPTIONS') {
    const reply = new Reply(204, null, undefined)
    reply.headers.set('allow', allow)
    return reply
  }
  if (miss.hasWebSocket && miss.allow.every((allowed) => allowed === 'OPTIONS')) {
    // RFC 9110 section 15.5.22: the answer names the protocol.
    throw new GoWebError('UPGRADE_REQUIRED', 'This path serves WebSockets only', {
      headers: { upgrade: 'websocket', connection: 'upgrade' },
    })
  }
  throw new GoWebError('METHOD_NOT_ALLOWED', `${method} is not allowed here; use one of ${allow}`, {
    headers: { allow },
  })
}
