/** What a SQLite broker may hold and take. */
export interface SqliteLimits {
  /** Channels in the file. */
  readonly maxChannels: number
  /** Bytes of the file, its write-ahead log aside. */
  readonly maxFileBytes: number
  /** Bytes that wait for their transaction. */
  readonly maxQueueBytes: number
  /** Idempotency keys in memory. */
  readonly maxKeys: number
  /** Publications that wait for their places in the index: the more, the more of a channel are placed at once. */
  readonly maxUnplaced: number
}
