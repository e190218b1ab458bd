import { isThenable, type Run } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { IncomingRequest } from '../http/incoming-request.ts'
import { problemReply, statusOf } from '../http/problem.ts'
import type { Reply } from '../http/reply.ts'
import { RequestContext } from '../http/request-context.ts'
import type { RouteMiss } from '../router/route-result.ts'
import type { SocketGate } from '../websocket/socket-gate.ts'
import type { SocketCeilings } from '../websocket/socket-hooks.ts'
import type { Socket } from '../websocket/socket.ts'
import type { TopicHub } from '../websocket/topic-hub.ts'
import type { AcceptedSocket } from './accepted-socket.ts'
import type { AppRealtime } from './channels/app-realtime.ts'
import { DEFAULT_SOCKET_OPTIONS } from './compile-socket-route.ts'
import type { AcceptedUpgrade, Dispatcher } from './dispatcher.ts'
import { finishReply, finishUpgrade, reportFailure } from './finish-reply.ts'
import { replyWithStatus } from './reply-with-status.ts'
import { RequestFactsOf } from './request-facts.ts'
import { MissContext } from './miss-context.ts'
import { MissPlaces } from './miss-places.ts'
import type { CompiledRoute, Scope } from './scope.ts'
import type { Settings } from './settings.ts'

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null))

/** What a request meets at the endpoint of channel connections. */
const SOCKETS_ONLY: RouteMiss<CompiledRoute> = {
  kind: 'method-not-allowed',
  allow: ['OPTIONS'],
  candidates: [],
  hasWebSocket: true,
}

/** Of routes without sockets. */
const NO_CEILINGS: SocketCeilings = { maxPayloadBytes: 0, maxBackpressureBytes: 0 }

interface DispatcherParts {
  readonly hub: TopicHub
  readonly gate: SocketGate
  readonly realtime: AppRealtime
}

/** Finds the route of a request, runs its chain, and makes an answer of whatever comes of it. */
export class AppDispatcher implements Dispatcher {
  readonly hub: TopicHub
  readonly gate: SocketGate
  readonly #root: Scope
  readonly #settings: Settings
  readonly #places: MissPlaces
  readonly #realtime: AppRealtime

  constructor(root: Scope, settings: Settings, { hub, gate, realtime }: DispatcherParts) {
    this.#root = root
    this.#settings = settings
    this.hub = hub
    this.gate = gate
    this.#realtime = realtime
    this.#places = new MissPlaces(root)
  }

  clientAddress(request: IncomingRequest): string {
    return this.#asReached(request).ip
  }

  socketCeilings(): SocketCeilings {
    const routes = Array.from(this.#root.router.routes(), ({ value }) => value.ceilings ?? NO_CEILINGS)
    const all = [DEFAULT_SOCKET_OPTIONS, this.#realtime.socketCeilings, ...routes]
    return {
      maxPayloadBytes: Math.max(...all.map(({ maxPayloadBytes }) => maxPayloadBytes)),
      maxBackpressureBytes: Math.max(...all.map(({ maxBackpressureBytes }) => maxBackpressureBytes)),
    }
  }

  dispatch(incoming: IncomingRequest): Reply | Promise<Reply> {
    return this.#dispatch(this.#asReached(incoming))
  }

  #dispatch(request: IncomingRequest): Reply | Promise<Reply> {
    let c: RequestContext | undefined
    let scopes: readonly Scope[] = [this.#root]
    try {
      // `WEBSOCKET` is the router's name for handshakes; a request may not pass for one.
      const method = request.method === 'WEBSOCKET' ? 'websocket' : request.method
      const result = this.#root.router.find(method, request.path, new RequestFactsOf(request))
      let run: Run<RequestContext>
      if (result.kind === 'match') {
        const { value } = result.route
        c = new RequestContext('http', request, result.params, value.limits)
        RequestContext.setChannels(c, this.#realtime.channels)
        c.route = value.pattern
        scopes = value.scopes
        run = value.run
      } else {
        const miss =
          result.kind === 'not-found' && this.#realtime.routeOf(request.path) !== undefined
            ? SOCKETS_ONLY
            : result
        c = new MissContext(request, this.#settings.limits, miss)
        RequestContext.setChannels(c, this.#realtime.channels)
        const { place, params } = this.#places.find(request.path)
        c.params = params
        scopes = place.scopes
        run = place.run
      }
      const reply = run(c)
      if (isThenable(reply)) return this.#settle(reply, c, scopes)
      return finishReply(reply as Reply, c, undefined, this.#settings)
    } catch (error) {
      return this.#fail(error, c ?? this.#bareContext('http', request), scopes)
    }
  }

  mayUpgrade(incoming: IncomingRequest): boolean {
    if (this.#realtime.routeOf(incoming.path) !== undefined) return true
    const { sockets } = this.#root
    if (sockets === undefined) return false
    try {
      const request = this.#asReached(incoming)
      return sockets.find('WEBSOCKET', request.path, new RequestFactsOf(request)).kind === 'match'
    } catch {
      // The same error comes when the request is dispatched.
      return false
    }
  }

  upgrade(incoming: IncomingRequest): AcceptedUpgrade | Reply | Promise<AcceptedUpgrade | Reply> {
    let c: RequestContext | undefined
    let scopes: readonly Scope[] = [this.#root]
    const request = this.#asReached(incoming)
    try {
      let params = NO_PARAMS
      let value = this.#realtime.routeOf(request.path)
      if (value === undefined) {
        const result = this.#root.router.find('WEBSOCKET', request.path, new RequestFactsOf(request))
        // RFC 9110 section 7.8: a server may ignore Upgrade, so a path without sockets is an ordinary request.
        if (result.kind !== 'match') return this.#dispatch(request)
        params = result.params
        value = result.route.value
      }
      c = new RequestContext('upgrade', request, params, value.limits)
      RequestContext.setChannels(c, this.#realtime.channels)
      c.route = value.pattern
      scopes = value.scopes
      const outcome = value.run(c)
      if (isThenable(outcome)) return this.#settleUpgrade(outcome, c, value)
      return finishUpgrade(outcome as AcceptedSocket | Reply, c, value, this.#settings)
    } catch (error) {
      return this.#fail(error, c ?? this.#bareContext('upgrade', request), scopes)
    }
  }

  socketError(socket: Socket, accepted: AcceptedUpgrade, error: unknown): void {
    this.#socketError(socket, accepted as AcceptedSocket, error).catch((unexpected: unknown) => {
      this.#settings.report(unexpected, 'error handler')
    })
  }

  errorReply(error: unknown): Reply {
    return problemReply(error)
  }

  async #settle(reply: PromiseLike<unknown>, c: RequestContext, scopes: readonly Scope[]): Promise<Reply> {
    try {
      return finishReply((await reply) as Reply, c, undefined, this.#settings)
    } catch (error) {
      return this.#fail(error, c, scopes)
    }
  }

  async #settleUpgrade(
    outcome: PromiseLike<unknown>,
    c: RequestContext,
    route: CompiledRoute,
  ): Promise<AcceptedUpgrade | Reply> {
    try {
      return finishUpgrade((await outcome) as AcceptedSocket | Reply, c, route, this.#settings)
    } catch (error) {
      return this.#fail(error, c, route.scopes)
    }
  }

  /** Asks the error handlers from the innermost scope outwards; the last word is problem details. */
  async #fail(thrown: unknown, c: RequestContext, scopes: readonly Scope[]): Promise<Reply> {
    let error = thrown
    for (const scope of scopes.toReversed()) {
      if (scope.errorHandler === undefined) continue
      try {
        const answer = await scope.errorHandler(error, c as never) // The contexts that ErrorHandler names.
        if (answer !== undefined) {
          return finishReply(replyWithStatus(answer, statusOf(error)), c, error, this.#settings)
        }
      } catch (next) {
        error = next
      }
    }
    const reply = problemReply(error)
    if (reply.status >= 500) reportFailure(error, c, this.#settings)
    return finishReply(reply, c, error, this.#settings)
  }

  async #socketError(socket: Socket, accepted: AcceptedSocket, thrown: unknown): Promise<void> {
    let error = thrown
    if (accepted.hooks.error !== undefined) {
      try {
        await accepted.hooks.error(socket, error)
        return
      } catch (next) {
        error = next
      }
    }
    let isHandled = false
    const c = { kind: 'socket', route: accepted.route, socket }
    for (const scope of accepted.scopes.toReversed()) {
      if (scope.errorHandler === undefined) continue
      try {
        const answer = await scope.errorHandler(error, c as never) // The contexts that ErrorHandler names.
        if (answer === undefined) continue
        isHandled = true
        break
      } catch (next) {
        error = next
      }
    }
    const known = error instanceof GoWebError ? error : undefined
    if (!isHandled && (known === undefined || known.status >= 500)) {
      this.#settings.report(error, `WEBSOCKET ${accepted.route}`)
    }
    socket.close(known?.closeCode ?? 1011)
  }

  /** The request as it reached the outermost proxy that is trusted. */
  #asReached(request: IncomingRequest): IncomingRequest {
    const { proxy } = this.#settings
    return proxy === undefined ? request : proxy.apply(request)
  }

  #bareContext(kind: 'http' | 'upgrade', request: IncomingRequest): RequestContext {
    const c = new RequestContext(kind, request, NO_PARAMS, this.#settings.limits)
    RequestContext.setChannels(c, this.#realtime.channels)
    return c
  }
}
