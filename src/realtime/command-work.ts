import type { Command } from '../protocol/command.ts'

/** A command that is under way. */
export interface CommandTask {
  readonly id: number
  /** Whose lane it holds up; undefined where nothing waits for it. */
  readonly channel: string | undefined
  readonly startedAtMs: number
  /** Tells the handler that nobody waits any more. */
  readonly abort: AbortController | undefined
}

interface Waiting {
  readonly command: Command
  readonly bytes: number
}

/**
 * The commands of one connection that are under way or wait.
 *
 * Those of one channel go one after the other, in a lane; different channels and calls overlap. A connection has it only while something
 * is under way.
 */
export class CommandWork {
  readonly tasks: Set<CommandTask> = new Set()
  readonly #lanes: Map<string, Waiting[]> = new Map()
  #waitingCount = 0
  #waitingBytes = 0

  /** Commands under way or waiting. */
  get size(): number {
    return this.tasks.size + this.#waitingCount
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  get isIdle(): boolean {
    return this.tasks.size === 0 && this.#lanes.size === 0
  }

  isBusy(lane: string): boolean {
    return this.#lanes.has(lane)
  }

  begin(task: CommandTask): void {
    this.tasks.add(task)
    if (task.channel !== undefined) this.occupy(task.channel)
  }

  /** What comes for a lane waits from now on. */
  occupy(lane: string): void {
    if (!this.#lanes.has(lane)) this.#lanes.set(lane, [])
  }

  /** Puts a command into a busy lane. */
  wait(lane: string, command: Command, bytes: number): void {
    this.#lanes.get(lane)?.push({ command, bytes })
    this.#waitingCount++
    this.#waitingBytes += bytes
  }

  /** The command whose turn it is in a lane; with none the lane is free. */
  next(lane: string): Command | undefined {
    const waiting = this.#lanes.get(lane)?.shift()
    if (waiting === undefined) {
      this.#lanes.delete(lane)
      return undefined
    }
    this.#waitingCount--
    this.#waitingBytes -= waiting.bytes
    return waiting.command
  }

  /** Forgets everything and tells the handlers of calls. */
  abandon(): void {
    for (const { abort } of this.tasks) abort?.abort()
    this.tasks.clear()
    this.#lanes.clear()
    this.#waitingCount = 0
    this.#waitingBytes = 0
  }
}
