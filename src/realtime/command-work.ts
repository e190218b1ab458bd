import type { Command } from '../protocol/command.ts'

/** A command that is under way. */
export interface CommandTask {
  readonly id: number
  /** Whose lane it holds up; undefined where nothing waits for it. */
  readonly channel: string | undefined
  readonly startedAtMs: number
  /** Length of its text. */
  readonly bytes: number
  /** Tells the handler that nobody waits any more. */
  readonly abort: AbortController | undefined
}

/** A command with the length of its text. */
export interface SizedCommand {
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
  readonly #lanes: Map<string, SizedCommand[]> = new Map()
  #waiting = 0
  #bytes = 0

  /** Commands under way or waiting. */
  get size(): number {
    return this.tasks.size + this.#waiting
  }

  /** Length of their texts. */
  get bytes(): number {
    return this.#bytes
  }

  get isIdle(): boolean {
    return this.tasks.size === 0 && this.#lanes.size === 0
  }

  isBusy(lane: string): boolean {
    return this.#lanes.has(lane)
  }

  begin(task: CommandTask): void {
    this.tasks.add(task)
    this.#bytes += task.bytes
    if (task.channel !== undefined) this.occupy(task.channel)
  }

  /** A command has ended; false when it was given up before. */
  end(task: CommandTask): boolean {
    if (!this.tasks.delete(task)) return false
    this.#bytes -= task.bytes
    return true
  }

  /** What comes for a lane waits from now on. */
  occupy(lane: string): void {
    if (!this.#lanes.has(lane)) this.#lanes.set(lane, [])
  }

  /** Puts a command into a busy lane. */
  wait(lane: string, command: SizedCommand): void {
    this.#lanes.get(lane)?.push(command)
    this.#waiting++
    this.#bytes += command.bytes
  }

  /** The command whose turn it is in a lane; with none the lane is free. */
  next(lane: string): SizedCommand | undefined {
    const next = this.#lanes.get(lane)?.shift()
    if (next === undefined) {
      this.#lanes.delete(lane)
      return undefined
    }
    this.#waiting--
    this.#bytes -= next.bytes
    return next
  }

  /** Forgets everything and tells the handlers of calls. */
  abandon(): void {
    for (const { abort } of this.tasks) abort?.abort()
    this.tasks.clear()
    this.#lanes.clear()
    this.#waiting = 0
    this.#bytes = 0
  }
}
