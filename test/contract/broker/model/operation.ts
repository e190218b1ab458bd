import * as fc from 'fast-check'

/** Channels of the model, each with the limits that hold for it throughout; times in ticks. */
export const CHANNELS = {
  small: { size: 3, ttlTicks: 100 },
  brief: { size: 100, ttlTicks: 6 },
  large: { size: 100, ttlTicks: 1_000 },
  live: undefined,
} as const

/** Name of a channel of the model. */
export type ChannelName = keyof typeof CHANNELS

/** Nodes of the model. */
export const NODES = 3
/** How long an idempotency key is known, and a presence entry lives, in ticks. */
export const WINDOW_TICKS = 8
/** How long a presence entry lives, in ticks. */
export const PRESENCE_TICKS = 5

/** One thing that happens to a broker. */
export type Operation =
  | {
      readonly kind: 'publish'
      readonly node: number
      readonly channel: ChannelName
      readonly key?: string | undefined
      readonly item?: string | undefined
    }
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly node: number; readonly channel: ChannelName }
  | {
      readonly kind: 'history'
      readonly node: number
      readonly channel: ChannelName
      /** Which of the positions that are known, however many there are; undefined for none. */
      readonly since: number | undefined
      readonly limit: number
      readonly reverse: boolean
    }
  | {
      readonly kind: 'remove' | 'snapshot' | 'presence'
      readonly node: number
      readonly channel: ChannelName
    }
  | {
      readonly kind: 'set' | 'unset'
      readonly node: number
      readonly channel: ChannelName
      readonly client: string
    }
  | { readonly kind: 'signal'; readonly node: number; readonly channel: ChannelName }
  | { readonly kind: 'sleep'; readonly ticks: number }

const node = fc.nat({ max: NODES - 1 })
const channel = fc.constantFrom<ChannelName>('small', 'brief', 'large', 'live')
const client = fc.constantFrom('x', 'y', 'z')

/** Any operation; publishing and reading most of all. */
export const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('publish' as const),
      node,
      channel,
      key: fc.option(fc.constantFrom('k', 'l', 'm'), { nil: undefined, freq: 2 }),
      item: fc.option(fc.constantFrom('i', 'j', 'k'), { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('history' as const),
      node,
      channel,
      since: fc.option(fc.nat({ max: 50 }), { nil: undefined, freq: 4 }),
      limit: fc.nat({ max: 8 }),
      reverse: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('subscribe' as const, 'unsubscribe' as const, 'signal' as const),
      node,
      channel,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('snapshot' as const, 'presence' as const), node, channel }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('set' as const, 'unset' as const), node, channel, client }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('sleep' as const), ticks: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), node, channel }) },
)
