import type { Json } from '../../../src/protocol/json.ts'
import type { ConnectRequest, RpcRequest, SubscribeRequest } from '../../../src/protocol/command.ts'
import { GoWebError } from '../../../src/errors/goweb-error.ts'
import type { MaybePromise } from '../../../src/realtime/broker.ts'
import type {
  AcceptedPublication,
  ChannelBinding,
  ChannelPolicy,
  ConnectGrant,
  ConnectionView,
  PublishMessage,
  RealtimeHandlers,
  RefreshGrant,
  SubscribeGrant,
} from '../../../src/realtime/realtime-handlers.ts'

/** What channels of the fake app are like, by the first letters of their names. */
const POLICIES: Readonly<Record<string, Partial<ChannelPolicy>>> = {
  live: { delivery: 'live', history: undefined },
  latest: { delivery: 'latest', history: undefined, maxKeys: 100 },
  prices: {
    delivery: 'latest',
    history: undefined,
    maxKeys: 100,
    hasPresence: false,
    hasJoinLeave: false,
  },
  quiet: { hasPresence: false, hasJoinLeave: false },
  '': {},
}

/** An app whose every decision a test can replace; by default all is allowed. Names beginning with `no` are no channels. */
export class FakeApp implements RealtimeHandlers<string> {
  readonly reports: { readonly error: unknown; readonly where: string }[] = []
  readonly log: string[] = []
  history = { size: 100, ttlMs: 600_000 }
  onConnect: (connection: ConnectionView<string>, request: ConnectRequest) => MaybePromise<ConnectGrant> =
    () => ({ user: 'ann' })
  onRefresh: (token: string) => MaybePromise<RefreshGrant> = () => ({})
  onSubscribe: (name: string, request: SubscribeRequest) => MaybePromise<SubscribeGrant> = () => ({})
  onPublish: (message: PublishMessage, name: string) => MaybePromise<AcceptedPublication> = ({
    data,
    event,
  }) => ({ data, event })
  onAllow: (what: string) => MaybePromise<void> = () => undefined
  onCall: (request: RpcRequest, signal: AbortSignal) => MaybePromise<Json | undefined> = ({ data }) => data

  connect(connection: ConnectionView<string>, request: ConnectRequest): MaybePromise<ConnectGrant> {
    return this.onConnect(connection, request)
  }

  refresh(_connection: ConnectionView<string>, token: string): MaybePromise<RefreshGrant> {
    return this.onRefresh(token)
  }

  channel(name: string): ChannelBinding<string> | undefined {
    if (name.startsWith('no')) return undefined
    const kind = Object.keys(POLICIES).find((prefix) => name.startsWith(prefix)) ?? ''
    const policy: ChannelPolicy = {
      pattern: `${kind}{name}`,
      delivery: 'replay',
      maxKeys: 0,
      history: this.history,
      hasPresence: true,
      hasJoinLeave: true,
      idempotencyWindowMs: 120_000,
      ...POLICIES[kind],
    }
    return {
      policy,
      subscribe: (_connection, request) => this.onSubscribe(name, request),
      publish: (_connection, message) => this.onPublish(message, name),
      allow: (_connection, what) => this.onAllow(what),
    }
  }

  call(
    _connection: ConnectionView<string>,
    request: RpcRequest,
    signal: AbortSignal,
  ): MaybePromise<Json | undefined> {
    if (request.method === 'missing') throw new GoWebError('ROUTE_NOT_FOUND')
    return this.onCall(request, signal)
  }

  message(_connection: ConnectionView<string>, data: Json | undefined): void {
    this.log.push(`message ${JSON.stringify(data)}`)
  }

  disconnected(_connection: ConnectionView<string>, code: number, reason: string): void {
    this.log.push(`disconnected ${code} ${reason}`)
  }

  report(error: unknown, where: string): void {
    this.reports.push({ error, where })
  }
}
