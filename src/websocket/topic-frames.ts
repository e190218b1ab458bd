/** The frames of a batch in one piece of memory, numbered as its messages. */
export interface TopicFrames {
  readonly bytes: Uint8Array
  /** Where message `index` begins in the bytes; the number of messages gives their end. */
  offset(index: number): number
}
