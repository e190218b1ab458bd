// What the type of an app tells typed clients of its channels and calls, in `App['~types']`: `channels` has a `ChannelType` under each
// pattern, `calls` a `CallType` under each name, both with their mount prefix. Types only: nothing of it exists at run time.

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
