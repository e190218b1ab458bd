import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '../../../src/testing/seeded-random.ts'
import type { RoomCrowd } from './room-crowd.ts'
import type { RoomProcess } from './room-process.ts'
import type { SmallDisk } from './small-disk.ts'

/** What faults happen to. */
export interface FaultScene {
  readonly server: RoomProcess
  readonly crowd: RoomCrowd
  readonly random: SeededRandom
  /** Where the server keeps its file, when that is a small disk. */
  readonly disk: SmallDisk | undefined
}

/** Something that happens to a server under its clients. */
export interface Fault {
  readonly name: 'kill' | 'stop' | 'full disk' | 'drain'
  readonly title: string
  /** Whether the server's file is on a small disk. */
  readonly needsDisk: boolean
  /** Lets it happen once; resolves when the server works again. */
  inject(scene: FaultScene): Promise<void>
}

const KILL: Fault = {
  name: 'kill',
  title: 'kill -9, start again',
  needsDisk: false,
  async inject({ server, random }) {
    await server.kill()
    // Clients that knock in vain, or that find the new server at once.
    if (random.chance(0.5)) await sleep(random.between(50, 1_500))
    await server.start()
  },
}

const STOP: Fault = {
  name: 'stop',
  title: 'SIGSTOP, SIGCONT',
  needsDisk: false,
  async inject({ server, random }) {
    server.signal('SIGSTOP')
    // Some are longer than clients wait for an answer, some longer than they wait for a ping.
    await sleep(random.pick([200, 2_000, 4_000]))
    server.signal('SIGCONT')
  },
}

const FULL_DISK: Fault = {
  name: 'full disk',
  title: 'disk full, space again',
  needsDisk: true,
  async inject({ server, random, disk }) {
    const refused = server.said(/^BROKER_UNAVAILABLE/)
    disk?.fill()
    await refused
    await sleep(random.between(100, 1_500))
    const isKilled = random.chance(0.5)
    if (isKilled) await server.kill()
    // Whether a server can start without space is its own affair, as long as it says so.
    const hasStarted = !isKilled || (await server.start().then(yes, no))
    disk?.free()
    if (!hasStarted) await server.start()
  },
}

const DRAIN: Fault = {
  name: 'drain',
  title: 'SIGTERM, successor',
  needsDisk: false,
  async inject({ server, random }) {
    await server.rollOver(random.chance(0.5))
  },
}

/** Everything that a server has to bear. */
export const FAULTS: readonly Fault[] = [KILL, STOP, FULL_DISK, DRAIN]

function yes(): true {
  return true
}

function no(): false {
  return false
}
