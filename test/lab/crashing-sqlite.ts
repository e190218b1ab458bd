import type { Clock } from '../../src/internal/clock.ts'
import type { Broker, BrokerListener, BrokerNode } from '../../src/realtime/broker.ts'
import { nodeMethods } from '../contract/broker/interpose.ts'
import { SqliteFiles } from '../contract/broker/sqlite-setup.ts'

/**
 * A SQLite broker within a server process that gets killed: when its node is let go, a new one begins with what the operating system
 * has of the files at that moment.
 */
export class CrashingSqlite implements Broker {
  /** Processes that ended. */
  crashes = 0
  readonly #clock: Clock
  readonly #files = new SqliteFiles()
  /** Ends the process that runs. */
  #kill: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async connect(listener: BrokerListener): Promise<BrokerNode> {
    // One that was killed while it started was never told so.
    this.#kill?.()
    let isAlive = true
    // What the process would still do, it does not.
    const after = (ms: number, callback: () => void): (() => void) => {
      return this.#clock.after(ms, () => {
        if (isAlive) callback()
      })
    }
    const clock: Clock = { now: () => this.#clock.now(), random: () => this.#clock.random(), after }
    const close = (): void => {
      if (!isAlive) return
      isAlive = false
      this.crashes++
      this.#files.crash()
    }
    this.#kill = close
    const broker = this.#files.create({ clock, defer: (callback) => void after(0, callback) })
    const node = await broker.connect(listener)
    return { ...nodeMethods(node), keepsPublishOrder: node.keepsPublishOrder ?? false, close }
  }

  /** Ends all of them, and deletes their files. */
  close(): Promise<void> {
    return this.#files.close()
  }
}
