/** What a memory broker may hold, all channels together unless said otherwise. */
export interface MemoryLimits {
  /** Channels with a history. */
  readonly maxChannels: number
  /** Bytes of the history of one channel. */
  readonly maxChannelBytes: number
  /** Bytes of history. */
  readonly maxBytes: number
  /** Idempotency keys. */
  readonly maxKeys: number
}
