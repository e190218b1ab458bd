import type { ConnectResult, Push } from '../protocol/reply.ts'
import { Asks } from './asks.ts'
import { channelName, type ChannelParams } from './channel-name.ts'
import { ChannelFeed } from './channel-feed.ts'
import { ChannelSubscription } from './channel-subscription.ts'
import type { CallOptions } from './client.ts'
import { ClientError } from './client-error.ts'
import type { ClientEvents } from './client-events.ts'
import type { ClientSettings } from './client-settings.ts'
import { Connection, type Cause, type ConnectionState } from './connection.ts'
import { Emitter } from './emitter.ts'
import { watchPage } from './page-events.ts'
import { randomId } from './random-id.ts'
import type { SubscriptionOptions } from './subscription-options.ts'

/** The client as it is at run time, for any app. */
export class RealtimeClient {
  id: string | undefined
  readonly #connection: Connection
  readonly #asks: Asks
  readonly #events: Emitter<keyof ClientEvents>
  readonly #feeds = new Map<string, ChannelFeed>()
  readonly #outboxCount = { items: 0 }
  readonly #unwatchPage: () => void
  #isClosed = false

  constructor(url: string, settings: ClientSettings) {
    this.#connection = new Connection(url, settings, {
      onState: (state, cause, result) => this.#onState(state, cause, result),
      onPush: (push) => this.#onPush(push),
    })
    this.#asks = new Asks(this.#connection)
    this.#events = new Emitter(settings.onError)
    this.#unwatchPage = watchPage(
      () => this.#connection.wake(),
      () => this.#connection.drop(),
    )
    settings.outbox?.start({
      ...settings,
      url,
      restore: (channel, items) => this.#feed(channel).restore(items),
      drop: (error) => this.#failPublishes(error),
    })
    this.#connection.open()
  }

  get state(): ConnectionState {
    return this.#connection.state
  }

  on(event: keyof ClientEvents, handler: (...values: never[]) => unknown): () => void {
    return this.#events.on(event, handler)
  }

  channel(
    pattern: string,
    params: ChannelParams = {},
    options: SubscriptionOptions = {},
  ): ChannelSubscription {
    if (this.#isClosed) throw closed()
    const feed = this.#feed(channelName(pattern, params))
    return new ChannelSubscription(feed, { wire: this.#connection, asks: this.#asks }, options)
  }

  async call(method: string, data: unknown, options: CallOptions = {}): Promise<unknown> {
    if (this.#isClosed) throw closed()
    const { isIdempotent, signal, timeoutMs } = options
    const body = JSON.stringify({ method, data, id: isIdempotent ? randomId() : undefined })
    const { rpc } = await this.#asks.ask('rpc', body, { signal, timeoutMs, isRepeatable: isIdempotent })
    return rpc?.data
  }

  send(data: unknown): void {
    this.#connection.send(JSON.stringify({ send: { data } }))
  }

  connect(): void {
    if (this.#isClosed) throw closed()
    this.#connection.open()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unwatchPage()
    this.#connection.close()
    this.#connection.settings.outbox?.stop()
    for (const feed of this.#feeds.values()) feed.end({ code: 0, reason: 'closed' }, closed())
    this.#asks.fail(closed())
  }

  #feed(name: string): ChannelFeed {
    let feed = this.#feeds.get(name)
    if (feed === undefined) {
      feed = new ChannelFeed(this.#connection, name, {
        count: this.#outboxCount,
        onIdle: (idle) => {
          if (this.#feeds.get(name) === idle) this.#feeds.delete(name)
        },
      })
      this.#feeds.set(name, feed)
    }
    return feed
  }

  #failPublishes(error: ClientError): void {
    for (const feed of this.#feeds.values()) feed.outbox.fail(error)
  }

  #onState(state: ConnectionState, cause: Cause, result?: ConnectResult): void {
    this.id = result?.client
    for (const feed of this.#feeds.values()) {
      if (state === 'connected') feed.start()
      else feed.stop(cause)
    }
    if (state === 'connected') this.#asks.start()
    const { ending, settings } = this.#connection
    if (ending && !this.#isClosed) {
      // What is kept waits for another connection, such as after a new login.
      if (!settings.outbox) this.#failPublishes(ending)
      this.#asks.fail(ending)
    }
    const { code, reason } = cause
    this.#events.emit('state', { state, code, reason })
  }

  #onPush(push: Push): void {
    const { channel = '', message, pub } = push
    const feed = this.#feeds.get(channel)
    if (message) this.#events.emit('message', message.data)
    else if (feed) feed.onPush(push)
    else if (pub) this.#events.emit('publication', { channel, publication: pub })
  }
}

function closed(): ClientError {
  return new ClientError('CLOSED', 'The client is closed')
}
