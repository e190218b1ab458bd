import type { CallType, ChannelType, DeliveryMode } from '../protocol/app-contract.ts'
import type { Json } from '../protocol/json.ts'
import type { UrlParams } from '../internal/pattern-types.ts'
import type { ConnectionState } from './connection.ts'
import type { ClientEvents } from './client-events.ts'
import type { LatestSubscription, Subscription } from './subscription.ts'
import type { SubscriptionOptions } from './subscription-options.ts'

/** What the app's type tells of its channels and calls. An app that is not known may have any. */
type ContractOf<App> = App extends { readonly '~types'?: infer Contract }
  ? NonNullable<Contract>
  : {
      readonly channels: { readonly [Pattern in string]: ChannelType<string, 'latest', undefined> }
      readonly calls: { readonly [Name in string]: CallType<unknown, unknown> }
    }

type ChannelsOf<App> = ContractOf<App> extends { readonly channels: infer Channels } ? Channels : never
type CallsOf<App> = ContractOf<App> extends { readonly calls: infer Calls } ? Calls : never

/** Options of a channel: where it promises to lose nothing, `onGap` says what happens when it does. */
type OptionsFor<Delivery> = Delivery extends 'replay'
  ? SubscriptionOptions & Required<Pick<SubscriptionOptions, 'onGap'>>
  : SubscriptionOptions

/** What `channel` takes besides the pattern; what can be left out may be. */
type ChannelArguments<Channel> =
  Channel extends ChannelType<infer Pattern, infer Delivery extends DeliveryMode, infer _Events>
    ? Delivery extends 'replay'
      ? [params: ParamsOf<Pattern>, options: OptionsFor<Delivery>]
      : {} extends ParamsOf<Pattern>
        ? [params?: ParamsOf<Pattern>, options?: OptionsFor<Delivery>]
        : [params: ParamsOf<Pattern>, options?: OptionsFor<Delivery>]
    : never

type ParamsOf<Pattern extends string> = Readonly<UrlParams<Pattern>>

type EventsOf<Channel> = Channel extends { readonly events: infer Events } ? Events : never
type SubscriptionOf<Channel> = Channel extends { readonly delivery: 'latest' }
  ? LatestSubscription<EventsOf<Channel>>
  : Subscription<EventsOf<Channel>>
type CallInput<Call> = Call extends { readonly input: infer Input } ? Input : never
type CallArguments<Input> = undefined extends Input
  ? [input?: Input, options?: CallOptions]
  : [input: Input, options?: CallOptions]
type CallOutput<Call> = Call extends { readonly output: infer Output } ? Output : never

/** Options of `client.call`. */
export interface CallOptions {
  /** Gives up after so many milliseconds, waiting for the connection included. Default: the client's `timeoutMs`. */
  readonly timeoutMs?: number
  /** Gives up when aborted. What the server has begun goes on. */
  readonly signal?: AbortSignal
  /** The server declares the call `idempotent`: it is sent again when its answer was lost. Default: false. */
  readonly isIdempotent?: boolean
}

/**
 * A connection to a GoWeb server that mends itself, with the channels and calls of the app.
 *
 * @typeParam App the type of the app: wrong names, events, data and parameters do not compile.
 */
export interface Client<App = unknown> {
  readonly state: ConnectionState
  /** Id of the connection while there is one: `info.client` of what comes from it. */
  readonly id: string | undefined
  /** Adds a handler; the returned function takes it away. */
  on<Name extends keyof ClientEvents>(
    event: Name,
    handler: (value: ClientEvents[Name]) => unknown,
  ): () => void
  /**
   * Subscribes to a channel.
   *
   * @throws `OPTION_INVALID` when a variable of the pattern has no value; `CLOSED`.
   */
  channel<Pattern extends keyof ChannelsOf<App> & string>(
    pattern: Pattern,
    ...args: ChannelArguments<ChannelsOf<App>[Pattern]>
  ): SubscriptionOf<ChannelsOf<App>[Pattern]>
  /**
   * Calls a function of the server; it runs at most once.
   *
   * Waits for a connection. Rejects with `REFUSED`, `TIMEOUT`, `CALL_OUTCOME_UNKNOWN`, `DISCONNECTED`, `CLOSED`, or the reason of the signal.
   */
  call<Name extends keyof CallsOf<App> & string>(
    name: Name,
    ...args: CallArguments<CallInput<CallsOf<App>[Name]>>
  ): Promise<CallOutput<CallsOf<App>[Name]>>
  /** Sends a message that gets no answer; at most once. Dropped without a connection. */
  send(data: Json): void
  /** Connects again after the server said not to, such as after a new login. */
  connect(): void
  /** Ends everything for good. */
  close(): void
}
