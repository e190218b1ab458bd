/**
 * What the type of an app tells typed clients of its channels and calls: `App['~types']`.
 *
 * Types only: nothing of it exists at run time.
 */
export interface AppContract {
  /** A {@link ChannelType} under each channel pattern, with its mount prefix. */
  readonly channels: object
  /** A {@link CallType} under each name, with its mount prefix. */
  readonly calls: object
}

/** How a channel delivers: see `ChannelPolicy`. */
export type DeliveryMode = 'live' | 'latest' | 'replay'

/** A channel: its pattern, what it promises, and an {@link EventType} under each event's name. */
export interface ChannelType<Pattern extends string, Delivery extends DeliveryMode, Events> {
  readonly pattern: Pattern
  readonly delivery: Delivery
  /** Undefined for a channel without events, whose publications are any JSON. */
  readonly events: Events
}

/** An event of a channel: what a client may publish, and what subscribers get. */
export interface EventType<Input, Output> {
  /** `never` where only the server publishes. */
  readonly input: Input
  readonly output: Output
}

/** A call: what goes in and what comes out. */
export interface CallType<Input, Output> {
  readonly input: Input
  readonly output: Output
}
