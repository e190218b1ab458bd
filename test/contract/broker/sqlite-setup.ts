import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SqliteParts } from '../../../src/brokers/sqlite/open-file.ts'
import { SqliteBroker } from '../../../src/brokers/sqlite/sqlite-broker.ts'
import type { Broker, BrokerListener, BrokerNode } from '../../../src/realtime/broker.ts'
import type { BrokerSetup, BrokerTraits } from './broker-setup.ts'
import { ManualClock } from './manual-clock.ts'

export const SQLITE_TRAITS: BrokerTraits = { isDurable: true, canBeCut: false }

const LIMITS = {
  maxChannels: 1_000,
  maxFileBytes: Number.MAX_SAFE_INTEGER,
  maxQueueBytes: 100_000_000,
  maxKeys: 10_000,
  // So few that the index is written to all the time.
  maxUnplaced: 3,
}
/** In memory where there is such a folder: what is tested is not the disk. */
const ROOT = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Files of brokers for one test, and what a crash would leave of them. */
export class SqliteFiles {
  readonly folder: string = mkdtempSync(join(ROOT, 'goweb-sqlite-'))
  readonly #nodes: BrokerNode[] = []
  #count = 0
  file: string = join(this.folder, '0.db')

  /** A broker on `file`. */
  create(parts: Partial<SqliteParts> & Pick<SqliteParts, 'clock'>): Broker {
    const broker = new SqliteBroker({
      file: this.file,
      synchronous: 'normal',
      lockTimeoutMs: 1_000,
      limits: LIMITS,
      defer: setImmediate,
      ...parts,
    })
    return {
      connect: async (listener: BrokerListener) => {
        const node = await broker.connect(listener)
        this.#nodes.push(node)
        return node
      },
    }
  }

  /** From now on, `file` is what the operating system has of the old one at this moment: as if its process had been killed. */
  crash(): void {
    const old = this.file
    this.file = join(this.folder, `${++this.#count}.db`)
    for (const part of ['', '-wal']) {
      if (existsSync(old + part)) copyFileSync(old + part, this.file + part)
    }
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) await node.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A SQLite broker on a clock that only the checks move. */
export function sqliteSetup(parts: Partial<SqliteParts> = {}): BrokerSetup {
  const clock = new ManualClock()
  const files = new SqliteFiles()
  const create = (): Broker => files.create({ clock, ...parts })
  return {
    broker: create(),
    tickMs: 1_000,
    patienceMs: 2_000,
    async sleep(ms) {
      clock.advance(ms)
    },
    async restart() {
      files.crash()
      return create()
    },
    close: () => files.close(),
  }
}
