/** The end of the process that an app runs in. */
export interface ProcessEnding {
  /**
   * Runs a task at the first of these signals, once, and then ends the process: with 0 when the tasks of all who registered have succeeded,
   * with 1 when one has failed. A second signal, half a second later or more, ends it at once, with 128 and the signal's number.
   *
   * @returns takes the task away again; without tasks signals do what they do by default.
   */
  register(signals: readonly string[], task: () => Promise<void>): () => void
}
