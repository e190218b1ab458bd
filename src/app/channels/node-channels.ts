import type {
  ChannelAccess,
  ChannelHistory,
  ChannelHistoryOptions,
  ChannelMember,
  ChannelMessage,
  ChannelParams,
  ChannelPosition,
  ChannelPublishOptions,
  ChannelValues,
  DisconnectOptions,
  Positioned,
  WithPositionOptions,
} from '../../chain/channel-access.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { ClientInfo, Publication } from '../../protocol/publication.ts'
import type { ChannelsApi } from '../../realtime/channels-api.ts'
import type { MaybePromise } from '../route-types.ts'
import { toJson } from './command-result.ts'
import { loadWithPosition } from './load-with-position.ts'
import { nameOfPattern } from './name-of-pattern.ts'

/** A channel that never stands still would have its data loaded for ever. */
const DEFAULT_MAX_LOADS = 3
import type { CommandTable, CompiledChannel } from './command-table.ts'
import { checkKey } from './compile-key.ts'

/** Where an app's channels are: the definitions, and the node once there is one. */
export interface ChannelSource {
  readonly commands: CommandTable
  /** Starts the node where it is not started. */
  api(): MaybePromise<ChannelsApi>
}

/** An app's channels from the server's side: checks names and events, and asks the node. */
export class NodeChannels implements ChannelAccess {
  readonly #source: ChannelSource

  constructor(source: ChannelSource) {
    this.#source = source
  }

  async publish(channel: string, ...message: readonly unknown[]): Promise<ChannelPosition> {
    const { events, keyOf } = this.#compiled(channel)
    const [event, data, options] =
      message.length === 1 && events.size === 0 ? [undefined, message[0]] : message
    if (event === undefined ? events.size > 0 : !events.has(event as string)) {
      const known = events.size === 0 ? 'no events' : `the events ${[...events].join(', ')}`
      throw new GoWebError(
        'EVENT_UNKNOWN',
        `publish('${channel}', …): the channel has ${known}, not ${String(event)}`,
      )
    }
    const { except, id } = (options ?? {}) as ChannelPublishOptions
    const key = keyOf(event as string | undefined, data)
    const api = await this.#source.api()
    const { offset, epoch } = await api.publish(channel, toJson(data), {
      event: event as string | undefined,
      key,
      except,
      id,
    })
    return { offset, epoch }
  }

  async remove(
    channel: string,
    key: string,
    { except, id }: ChannelPublishOptions = {},
  ): Promise<ChannelPosition> {
    const checked = checkKey(channel, key)
    const api = await this.#source.api()
    const { offset, epoch } = await api.remove(channel, checked, { except, id })
    return { offset, epoch }
  }

  async values(channel: string): Promise<ChannelValues> {
    const api = await this.#source.api()
    const { publications, position } = await api.values(channel)
    return { values: new Map(publications.map((one) => [one.key ?? '', toMessage(one)])), position }
  }

  async history(channel: string, options: ChannelHistoryOptions = {}): Promise<ChannelHistory> {
    const api = await this.#source.api()
    const { publications, position, complete, hasMore } = await api.history(channel, options)
    return { messages: publications.map(toMessage), position, complete, hasMore }
  }

  async position(channel: string, params?: ChannelParams): Promise<ChannelPosition> {
    const name = nameOfPattern(channel, params)
    const api = await this.#source.api()
    return await api.position(name)
  }

  async withPosition(channel: string, ...args: readonly unknown[]): Promise<Positioned<never>> {
    const [params, load, options] = typeof args[0] === 'function' ? [undefined, ...args] : args
    const { maxLoads = DEFAULT_MAX_LOADS } = (options ?? {}) as WithPositionOptions
    if (typeof load !== 'function' || !Number.isSafeInteger(maxLoads) || maxLoads < 1) {
      const expected = 'expected a function that loads, and maxLoads from 1 on'
      throw new GoWebError('OPTION_INVALID', `withPosition('${channel}', …): ${expected}`)
    }
    const name = nameOfPattern(channel, params as ChannelParams | undefined)
    return await loadWithPosition({
      readPosition: () => this.position(name),
      load: load as () => never,
      maxLoads,
    })
  }

  async removeHistory(channel: string): Promise<void> {
    const api = await this.#source.api()
    await api.removeHistory(channel)
  }

  async presence(channel: string): Promise<readonly ChannelMember[]> {
    const api = await this.#source.api()
    return (await api.presence(channel)).map(toMember)
  }

  async subscribe(user: string, channel: string): Promise<void> {
    const api = await this.#source.api()
    await api.subscribe(user, channel)
  }

  async unsubscribe(user: string, channel: string): Promise<void> {
    const api = await this.#source.api()
    await api.unsubscribe(user, channel)
  }

  async disconnect(user: string, { code, reason }: DisconnectOptions = {}): Promise<void> {
    const api = await this.#source.api()
    await api.disconnect(user, code, reason)
  }

  async send(user: string, data: unknown): Promise<void> {
    const api = await this.#source.api()
    await api.send(user, toJson(data))
  }

  #compiled(channel: string): CompiledChannel {
    const found = this.#source.commands.findChannel(channel)
    if (found !== undefined) return found.compiled
    throw new GoWebError('CHANNEL_UNKNOWN', `No channel is defined that ${JSON.stringify(channel)} matches`)
  }
}

function toMessage({ data, tags, offset = 0, info }: Publication): ChannelMessage {
  return {
    event: tags?.['event'],
    data,
    offset,
    id: tags?.['id'],
    from: info === undefined ? undefined : toMember(info),
  }
}

function toMember({ client, user, conn_info: info, chan_info: channelInfo }: ClientInfo): ChannelMember {
  return { connection: client, user, info, channelInfo }
}
