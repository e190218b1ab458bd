import type { Command } from '../protocol/command.ts'
import type { StoringReply } from './command-outcome.ts'

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
  /** A publish that the broker is storing holds up everything but publishes. */
  storing: StoringReply | undefined
}

/** A command with the length of its text. */
export interface SizedCommand {
  readonly command: Command
  readonly bytes: number
}

interface Lane {
  /** A command is under way that nothing may pass. */
  isHeld: boolean
  /** Publishes that the broker is storing. */
  storing: number
  waiting: SizedCommand[] | undefined
}

const MAX_SPARE = 1_024

/** Keeps `CommandWork` for the next connection that has something under way: with a broker that answers later, each publish takes one. */
export class CommandWorkPool {
  readonly #spare: CommandWork[] = []

  take(): CommandWork {
    return this.#spare.pop() ?? new CommandWork()
  }

  /** @param work idle. */
  giveBack(work: CommandWork): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(work)
  }
}

/**
 * The commands of one connection that are under way or wait.
 *
 * Those of one channel go one after the other, in a lane; different channels and calls overlap. Only publishes follow one that is being
 * stored. A connection has it only while something is under way.
 */
export class CommandWork {
  readonly tasks: Set<CommandTask> = new Set()
  readonly #lanes: Map<string, Lane> = new Map()
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

  /** Whether a command has to wait for what is in its lane. */
  mustWait(name: string, command: Command): boolean {
    const lane = this.#lanes.get(name)
    return lane !== undefined && (lane.waiting !== undefined || isBlocked(lane, command))
  }

  begin(task: CommandTask): void {
    this.tasks.add(task)
    this.#bytes += task.bytes
    if (task.channel === undefined) return
    if (task.storing === undefined) this.occupy(task.channel)
    else this.#open(task.channel).storing++
  }

  /** From now on a task is only stored. */
  store(task: CommandTask, storing: StoringReply): void {
    task.storing = storing
    if (task.channel === undefined) return
    const lane = this.#open(task.channel)
    lane.isHeld = false
    lane.storing++
  }

  /** A command has ended; false when it was given up before. */
  end(task: CommandTask): boolean {
    if (!this.tasks.delete(task)) return false
    this.#bytes -= task.bytes
    const lane = task.channel === undefined ? undefined : this.#lanes.get(task.channel)
    if (lane === undefined) return true
    if (task.storing === undefined) lane.isHeld = false
    else lane.storing--
    return true
  }

  /** What comes for a lane waits from now on. */
  occupy(name: string): void {
    this.#open(name).isHeld = true
  }

  /** Puts a command into a lane that is not free for it. */
  wait(name: string, command: SizedCommand): void {
    const lane = this.#open(name)
    if (lane.waiting === undefined) lane.waiting = [command]
    else lane.waiting.push(command)
    this.#waiting++
    this.#bytes += command.bytes
  }

  /** The command whose turn it is in a lane; undefined when there is none, or it has to wait. */
  next(name: string): SizedCommand | undefined {
    const lane = this.#lanes.get(name)
    if (lane === undefined) return undefined
    const next = lane.waiting?.[0]
    if (next === undefined) {
      if (!lane.isHeld && lane.storing === 0) this.#lanes.delete(name)
      return undefined
    }
    if (isBlocked(lane, next.command)) return undefined
    lane.waiting!.shift()
    if (lane.waiting!.length === 0) lane.waiting = undefined
    this.#waiting--
    this.#bytes -= next.bytes
    return next
  }

  /** Lets go of a lane that is held for nothing in particular. */
  release(name: string): void {
    this.#open(name).isHeld = false
  }

  /** Forgets everything and tells the handlers of calls. */
  abandon(): void {
    for (const { abort } of this.tasks) abort?.abort()
    this.tasks.clear()
    this.#lanes.clear()
    this.#waiting = 0
    this.#bytes = 0
  }

  #open(name: string): Lane {
    let lane = this.#lanes.get(name)
    if (lane === undefined) this.#lanes.set(name, (lane = { isHeld: false, storing: 0, waiting: undefined }))
    return lane
  }
}

function isBlocked(lane: Lane, { publish }: Command): boolean {
  return lane.isHeld || (lane.storing > 0 && publish === undefined)
}
