import { compose, type Run } from '../../chain/compose.ts'
import { memoryBroker } from '../../brokers/memory.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { RequestContext } from '../../http/request-context.ts'
import type { Clock } from '../../internal/clock.ts'
import type { Broker } from '../../realtime/broker.ts'
import type { ChannelsApi } from '../../realtime/channels-api.ts'
import { resolveLimits } from '../../realtime/realtime-limits.ts'
import { RealtimeNode, type RealtimeStats } from '../../realtime/realtime-node.ts'
import { WebSocketGroups } from '../../transports/websocket/web-socket-groups.ts'
import {
  WEB_SOCKET_SUBPROTOCOLS,
  WebSocketHooks,
  webSocketOptions,
} from '../../transports/websocket/web-socket-hooks.ts'
import type { SocketCeilings } from '../../websocket/socket-hooks.ts'
import type { TopicHub } from '../../websocket/topic-hub.ts'
import { compileSocketRoute, toUpgradeResult } from '../compile-socket-route.ts'
import type { MaybePromise } from '../route-types.ts'
import type { CompiledRoute, Scope } from '../scope.ts'
import type { Settings } from '../settings.ts'
import { stepsFor, type StepEntry } from '../step-entry.ts'
import { andThen } from './and-then.ts'
import { AppHandlers } from './app-handlers.ts'
import type { CommandTable } from './command-table.ts'
import { NodeChannels, type ChannelSource } from './node-channels.ts'
import { OpeningRequest } from './opening-request.ts'

/** Another broker and another time for a node, as tests bring them. */
export interface NodeOptions {
  readonly broker?: Broker
  readonly clock?: Clock
}

/** The channels of one app as it is served: its node, from the first use to the app's stop, and the endpoint. */
export class AppRealtime implements ChannelSource {
  readonly channels: NodeChannels = new NodeChannels(this)
  readonly #scope: Scope
  readonly #settings: Settings
  readonly #hub: TopicHub
  readonly #handlers: AppHandlers
  #broker: Broker | undefined
  #node: RealtimeNode<OpeningRequest> | undefined
  #started: MaybePromise<RealtimeNode<OpeningRequest>> | undefined
  #endpoint: Run<RequestContext> | undefined
  #route: CompiledRoute | undefined
  /** What {@link AppRealtime.#route} was compiled with. */
  #routeSteps: readonly StepEntry[] | undefined

  constructor(scope: Scope, settings: Settings, hub: TopicHub) {
    this.#scope = scope
    this.#settings = settings
    this.#hub = hub
    this.#handlers = new AppHandlers(scope, this.channels, settings.report)
  }

  get commands(): CommandTable {
    return this.#scope.commands
  }

  get stats(): RealtimeStats {
    return this.#node?.stats ?? { connections: 0, channels: 0 }
  }

  /** Whether its broker can be reached; true as long as it has not asked for one. */
  get isConnected(): boolean {
    return this.#node?.isConnected ?? true
  }

  /** Those of channel connections, should there be some. */
  get socketCeilings(): SocketCeilings {
    const { frameBytes, bufferedBytes } = resolveLimits(this.#settings.channels.limits)
    return { maxPayloadBytes: frameBytes, maxBackpressureBytes: bufferedBytes }
  }

  api(): MaybePromise<ChannelsApi> {
    return andThen(this.start(), ({ api }) => api)
  }

  /**
   * Connects to the broker; again gives the same node.
   *
   * @param options for who serves the app without a network; the settings hold otherwise.
   * @throws `BROKER_UNAVAILABLE`; `CHANNELS_NOT_SERVED` for an app that is mounted into another, whose channels are that one's.
   */
  start(options: NodeOptions = {}): MaybePromise<RealtimeNode<OpeningRequest>> {
    if (this.#started !== undefined) return this.#started
    if (this.#scope.isMounted) {
      throw new GoWebError(
        'CHANNELS_NOT_SERVED',
        'This app is mounted into another, which serves its channels: use c.channels, or app.channels of the app that listens',
      )
    }
    const node = this.#createNode(options)
    node.addTransport(new WebSocketGroups(this.#hub))
    this.#node = node
    this.#started = andThen(this.#connect(node), () => node)
    return this.#started
  }

  /** Ends the connections and lets go of the broker; a later start makes another node. */
  async stop(): Promise<void> {
    const node = this.#node
    this.#node = undefined
    this.#started = undefined
    this.#endpoint = undefined
    await node?.stop()
  }

  /** The endpoint that channel connections are opened at; undefined for other paths, and in apps without channels and calls. */
  routeOf(path: string): CompiledRoute | undefined {
    if (path !== this.#settings.channels.path || this.commands.isEmpty) return undefined
    const scope = this.#scope
    if (this.#route === undefined || this.#routeSteps !== scope.connectSteps) {
      this.#routeSteps = scope.connectSteps
      const steps = stepsFor(scope.connectSteps ?? [], 'upgrade')
      this.#route = {
        pattern: path,
        limits: this.#settings.limits,
        run: compose(steps, (c) => this.#open(c), toUpgradeResult),
        scopes: [scope],
      }
    }
    return this.#route
  }

  #open(c: RequestContext): unknown {
    return andThen(this.start(), (node) => (this.#endpoint ??= this.#compileEndpoint(node))(c))
  }

  #compileEndpoint(node: RealtimeNode<OpeningRequest>): Run<RequestContext> {
    const hooks = new WebSocketHooks<OpeningRequest>(node)
    const route = {
      ...webSocketOptions(node.limits),
      protocols: WEB_SOCKET_SUBPROTOCOLS,
      upgrade: (c: RequestContext) => new OpeningRequest(c),
      open: hooks.open.bind(hooks),
      message: hooks.message.bind(hooks),
      shutdown: hooks.shutdown.bind(hooks),
      close: hooks.close.bind(hooks),
      error: hooks.error.bind(hooks),
    }
    // Called with the contexts and sockets that its types name.
    return compileSocketRoute(this.#settings.channels.path, route as never, this.#settings)
  }

  #createNode({ broker, clock }: NodeOptions): RealtimeNode<OpeningRequest> {
    return new RealtimeNode<OpeningRequest>({
      broker: broker ?? this.#settings.broker ?? (this.#broker ??= memoryBroker()),
      handlers: this.#handlers,
      limits: this.#settings.channels.limits,
      ...(clock !== undefined && { clock }),
    })
  }

  #connect(node: RealtimeNode<OpeningRequest>): MaybePromise<void> {
    const failed = (error: unknown): never => {
      if (this.#node === node) {
        this.#node = undefined
        this.#started = undefined
      }
      throw error
    }
    try {
      const connected = node.start()
      return connected instanceof Promise ? connected.catch(failed) : connected
    } catch (error) {
      return failed(error)
    }
  }
}
