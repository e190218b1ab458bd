import type { BaseContext, ReadonlyCookies } from '../../chain/base-context.ts'
import type {
  ChannelAccess,
  ChannelParams,
  ChannelPosition,
  ChannelPublishOptions,
  CommandConnection,
  DisconnectOptions,
  Positioned,
} from '../../chain/channel-access.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import { parseCookies } from '../../http/parse-cookies.ts'
import { DISCONNECT } from '../../protocol/disconnect-codes.ts'
import type { ConnectionView } from '../../realtime/realtime-handlers.ts'
import type { OpeningRequest } from './opening-request.ts'

type CommandKind = 'connect' | 'subscribe' | 'publish' | 'call'

/** What all commands of an app share. */
export interface CommandHost {
  readonly channels: ChannelAccess
  /** Aborted when the connection has gone. */
  signalOf(connection: ConnectionView<OpeningRequest>): AbortSignal
  report(error: unknown, where: string): void
}

/** What a command is about. */
export interface CommandFacts {
  readonly kind: CommandKind
  readonly route: string
  readonly params: Readonly<Record<string, string>>
}

/** The context of one command of a channel connection; lazy as that of a request. */
export class RunningCommand implements BaseContext {
  readonly kind: CommandKind
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  readonly #host: CommandHost
  readonly #connection: ConnectionView<OpeningRequest>
  #cookies: ReadonlyMap<string, string> | undefined
  #facade: CommandConnection | undefined

  constructor(
    { kind, route, params }: CommandFacts,
    host: CommandHost,
    connection: ConnectionView<OpeningRequest>,
  ) {
    this.kind = kind
    this.route = route
    this.params = params
    this.#host = host
    this.#connection = connection
  }

  get host(): string {
    return this.#connection.request.host
  }

  get scheme(): 'http' | 'https' {
    return this.#connection.request.scheme
  }

  get ip(): string {
    return this.#connection.request.ip
  }

  header(name: string): string | undefined {
    return this.#connection.request.header(name)
  }

  get cookies(): ReadonlyCookies {
    return (this.#cookies ??= parseCookies(this.#connection.request.header('cookie') ?? ''))
  }

  get signal(): AbortSignal {
    return this.#host.signalOf(this.#connection)
  }

  get connection(): CommandConnection {
    return (this.#facade ??= new ConnectionFacade(this.#connection))
  }

  get channels(): ChannelAccess {
    return this.#host.channels
  }

  publish(channel: string, ...message: readonly unknown[]): Promise<ChannelPosition> {
    return this.#host.channels.publish(channel, ...(message as [event: string, data: unknown]))
  }

  position(channel: string, params?: ChannelParams): Promise<ChannelPosition> {
    return this.#host.channels.position(channel, params as ChannelParams)
  }

  withPosition(channel: string, ...args: readonly unknown[]): Promise<Positioned<never>> {
    return this.#host.channels.withPosition(channel, ...(args as [load: () => never]))
  }

  remove(channel: string, key: string, options?: ChannelPublishOptions): Promise<ChannelPosition> {
    return this.#host.channels.remove(channel, key, options)
  }

  refuse(code: ErrorCode = 'FORBIDDEN', message?: string): never {
    throw new GoWebError(code, message)
  }

  /** For the layer that runs commands: reports what concerns the developer, not the client. */
  static report(c: RunningCommand, error: unknown): void {
    c.#host.report(error, `${c.kind.toUpperCase()} ${c.route}`)
  }
}

class ConnectionFacade implements CommandConnection {
  readonly #view: ConnectionView<OpeningRequest>

  constructor(view: ConnectionView<OpeningRequest>) {
    this.#view = view
  }

  get id(): string {
    return this.#view.id
  }

  get user(): string {
    return this.#view.user
  }

  get state(): unknown {
    return this.#view.state
  }

  disconnect({ code, reason }: DisconnectOptions = {}): void {
    const usual = DISCONNECT.FORCE_NO_RECONNECT
    this.#view.disconnect(code ?? usual.code, reason ?? usual.reason)
  }
}
