import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededRandom } from '../../../src/testing/seeded-random.ts'
import type { Fault } from './faults.ts'
import { RoomCrowd, type CrowdFigures, type CrowdSize } from './room-crowd.ts'
import { RoomProcess } from './room-process.ts'
import { SmallDisk } from './small-disk.ts'
import type { StreamFaults } from './stream-checker.ts'

/** How a fault is played. */
export interface FaultRunOptions extends CrowdSize {
  /** How often it happens. */
  readonly times: number
  /** Makes the name of a broker from a file, see `brokerFromName`. */
  readonly broker: (file: string) => string
  readonly seed: number
}

/** What came of it. */
export interface FaultReport {
  readonly fault: Fault
  readonly options: FaultRunOptions
  readonly figures: CrowdFigures
  readonly seconds: number
  /** What the server wrote to standard error. */
  readonly output: string
}

/** What the log of a SQLite broker may take. */
const LOG_MEGABYTES = 40
/** What one client may publish between two faults, on a slow machine. */
const TURN_MEGABYTES = 0.1

/** What has to be 0. */
export const PROMISES: readonly (keyof StreamFaults)[] = [
  'lost',
  'doubled',
  'disordered',
  'invented',
  'notStored',
  'overtaken',
  'unsettled',
  'gaps',
]

/** Plays a fault again and again while clients publish. Resolves with the reason where it cannot be played here. */
export async function runFault(fault: Fault, options: FaultRunOptions): Promise<FaultReport | string> {
  const { clients, times } = options
  const disk = fault.needsDisk ? SmallDisk.mount(LOG_MEGABYTES + clients * times * TURN_MEGABYTES) : undefined
  if (typeof disk === 'string') return disk
  const folder = disk?.folder ?? mkdtempSync(join(tmpdir(), 'goweb-durable-'))
  const server = new RoomProcess(options.broker(join(folder, 'rooms.db')))
  const startedMs = performance.now()
  let crowd: RoomCrowd | undefined
  try {
    await server.start()
    crowd = await RoomCrowd.enter(server.port, options)
    const random = new SeededRandom(options.seed)
    const perSecond = options.clients * options.perSecond
    crowd.startPublishing()
    for (let time = 0; time < options.times; time++) {
      await crowd.acknowledged(
        Math.ceil(perSecond * random.between(0.3, 2)) + (random.chance(0.5) ? crowd.unsettled : 0),
      )
      await fault.inject({ server, crowd, random, disk })
    }
    await crowd.acknowledged(perSecond)
    await crowd.settle()
    if (PROMISES.every((promise) => crowd!.figures[promise] === 0)) {
      // From the file, not from what the server remembers.
      await server.kill()
      await server.start()
      await crowd.readAgain()
    }
    const seconds = (performance.now() - startedMs) / 1_000
    return { fault, options, figures: crowd.figures, seconds, output: server.output }
  } catch (cause) {
    throw new Error(`${fault.title}: the server wrote: ${server.output}`, { cause })
  } finally {
    crowd?.leave()
    await server.kill()
    if (disk === undefined) rmSync(folder, { recursive: true, force: true })
    else disk.unmount()
  }
}

/** What was broken, in sentences; none when every promise was kept. */
export function findBroken({ fault, figures }: FaultReport): string[] {
  const broken = PROMISES.filter((promise) => figures[promise] !== 0)
  const sentences = broken.map((promise) => `${fault.title}: ${figures[promise]} ${promise}`)
  if (figures.refused > 0) sentences.push(`${fault.title}: ${figures.refused} publishes were refused`)
  const { acknowledged, unknownStored, unknownNotStored } = figures
  if (acknowledged + unknownStored + unknownNotStored + figures.refused !== figures.published)
    sentences.push(`${fault.title}: not every publish was settled`)
  return sentences
}
