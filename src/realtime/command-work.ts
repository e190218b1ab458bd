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
  /** Its place among those under way; -1 when it has ended or nobody waits for it any more. */
  place: number
}

/** A command with the length of its text. */
export interface SizedCommand {
  readonly command: Command
  readonly bytes: number
}

interface Lane {
  name: string
  /** Something is under way or waits in it. */
  isOpen: boolean
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
  readonly #tasks: CommandTask[] = []
  /** Mostly there is one: a `Map` would be changed twice by each publish. */
  readonly #lane: Lane = createLane('')
  #otherLanes: Map<string, Lane> | undefined = undefined
  #waiting = 0
  #bytes = 0

  /** Commands under way or waiting. */
  get size(): number {
    return this.#tasks.length + this.#waiting
  }

  /** Those that are under way; a copy. */
  get tasks(): CommandTask[] {
    return [...this.#tasks]
  }

  /** Length of their texts. */
  get bytes(): number {
    return this.#bytes
  }

  get isIdle(): boolean {
    return this.#tasks.length === 0 && !this.#lane.isOpen && (this.#otherLanes?.size ?? 0) === 0
  }

  /** Whether a command has to wait for what is in its lane. */
  mustWait(name: string, command: Command): boolean {
    const lane = this.#find(name)
    return lane !== undefined && (lane.waiting !== undefined || isBlocked(lane, command))
  }

  begin(task: CommandTask): void {
    task.place = this.#tasks.push(task) - 1
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

  /** Whether a task has not ended, and was not given up. */
  has(task: CommandTask): boolean {
    return task.place !== -1
  }

  /** A command has ended; false when it was given up before. */
  end(task: CommandTask): boolean {
    if (!this.has(task)) return false
    const last = this.#tasks.pop()!
    if (last !== task) {
      this.#tasks[task.place] = last
      last.place = task.place
    }
    task.place = -1
    this.#bytes -= task.bytes
    const lane = task.channel === undefined ? undefined : this.#find(task.channel)
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
    const lane = this.#find(name)
    if (lane === undefined) return undefined
    const next = lane.waiting?.[0]
    if (next === undefined) {
      if (!lane.isHeld && lane.storing === 0) this.#close(lane)
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
    for (const task of this.#tasks) task.place = -1
    for (const { abort } of this.#tasks.splice(0)) abort?.abort()
    this.#close(this.#lane)
    this.#otherLanes = undefined
    this.#waiting = 0
    this.#bytes = 0
  }

  #find(name: string): Lane | undefined {
    const lane = this.#lane
    return lane.isOpen && lane.name === name ? lane : this.#otherLanes?.get(name)
  }

  #open(name: string): Lane {
    const found = this.#find(name)
    if (found !== undefined) return found
    if (this.#lane.isOpen) {
      const lane = createLane(name)
      ;(this.#otherLanes ??= new Map()).set(name, lane)
      lane.isOpen = true
      return lane
    }
    this.#lane.name = name
    this.#lane.isOpen = true
    return this.#lane
  }

  #close(lane: Lane): void {
    if (lane !== this.#lane) this.#otherLanes?.delete(lane.name)
    lane.isOpen = false
    lane.isHeld = false
    lane.storing = 0
    lane.waiting = undefined
  }
}

function createLane(name: string): Lane {
  return { name, isOpen: false, isHeld: false, storing: 0, waiting: undefined }
}

function isBlocked(lane: Lane, { publish }: Command): boolean {
  return lane.isHeld || (lane.storing > 0 && publish === undefined)
}
