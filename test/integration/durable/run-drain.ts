import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DrainOptions } from 'goweb'
import { RoomCrowd, type CrowdFigures, type CrowdSize, type Movements } from './room-crowd.ts'
import { RoomProcess, type RollOver } from './room-process.ts'
import { PROMISES } from './run-fault.ts'

/** One drain of a server under its clients. */
export interface DrainRunOptions extends CrowdSize {
  readonly drain: DrainOptions
  /** Whether the successor is started before, or when the old process has ended. */
  readonly isWaiting: boolean
  /** Makes the name of a broker from a file, see `brokerFromName`. */
  readonly broker: (file: string) => string
}

/** What came of it. */
export interface DrainReport extends Movements {
  readonly options: DrainRunOptions
  readonly rollOver: RollOver
  readonly figures: CrowdFigures
  /** What both servers wrote to standard error. */
  readonly output: string
}

const STEP_MS = 500
/** When the last one has to be back, from the signal on. */
const LIMIT_MS = 15_000

/** Has a server give its place to another while clients publish. */
export async function runDrain(options: DrainRunOptions): Promise<DrainReport> {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-drain-'))
  const server = new RoomProcess(options.broker(join(folder, 'rooms.db')), options.drain)
  let crowd: RoomCrowd | undefined
  try {
    await server.start()
    crowd = await RoomCrowd.enter(server.port, options)
    const perSecond = options.clients * options.perSecond
    crowd.startPublishing()
    await crowd.acknowledged(2 * perSecond)
    const rollOver = await server.rollOver(options.isWaiting)
    await crowd.allBack()
    await crowd.acknowledged(2 * perSecond)
    await crowd.settle()
    await crowd.readAgain()
    return { options, rollOver, ...crowd.movements, figures: crowd.figures, output: server.output }
  } catch (cause) {
    throw new Error(`Drain: the servers wrote: ${server.output}`, { cause })
  } finally {
    crowd?.leave()
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What was broken, in sentences; none when every promise was kept. */
export function findBrokenDrain({ figures, backAtMs, rollOver, options }: DrainReport): string[] {
  const sentences = PROMISES.filter((promise) => figures[promise] !== 0).map(
    (promise) => `${figures[promise]} ${promise}`,
  )
  if (figures.refused > 0) sentences.push(`${figures.refused} publishes were refused`)
  const inTime = backAtMs.filter((ms) => ms - rollOver.askedAtMs <= LIMIT_MS).length
  if (inTime < options.clients) {
    sentences.push(`${inTime} of ${options.clients} clients were back within ${LIMIT_MS / 1_000} s`)
  }
  return sentences
}

/** A report for a terminal: who left and who came back in each half second after the signal. */
export function renderDrain(report: DrainReport): string {
  const { rollOver, figures, leftAtMs, backAtMs, options } = report
  const after = (ms: number): string => `${((ms - rollOver.askedAtMs) / 1_000).toFixed(2)} s`
  const sorted = backAtMs.toSorted((a, b) => a - b)
  const quantile = (share: number): string => after(sorted[Math.ceil(share * sorted.length) - 1] ?? NaN)
  const lastMs = Math.max(...leftAtMs, ...backAtMs) - rollOver.askedAtMs
  const steps = Array.from({ length: Math.floor(lastMs / STEP_MS) + 1 }, (_, step) => {
    const count = (times: readonly number[]): number =>
      times.filter((ms) => Math.floor((ms - rollOver.askedAtMs) / STEP_MS) === step).length
    const [left, back] = [count(leftAtMs), count(backAtMs)]
    const bar = '#'.repeat(Math.ceil((back * 60) / options.clients))
    return `${((step * STEP_MS) / 1_000).toFixed(1).padStart(5)} s ${String(left).padStart(6)} ${String(back).padStart(6)} ${bar}`
  })
  const { published, acknowledged, unknownStored, unknownNotStored, interrupted, delivered } = figures
  const { lost, notStored, doubled, disordered, invented, overtaken, gaps } = figures
  return [
    `The old process ended with 0 after ${after(rollOver.endedAtMs)}; the new one listened after ${after(rollOver.listeningAtMs)}.`,
    `Back: 50 % after ${quantile(0.5)}, 99 % after ${quantile(0.99)}, all ${sorted.length} after ${quantile(1)}.`,
    '  after   left   back',
    ...steps,
    `${published} published, ${acknowledged} acknowledged (${interrupted} had no answer when they left), ${unknownStored + unknownNotStored} unknown; ${delivered} deliveries:`,
    `${lost + notStored} lost, ${doubled} doubled, ${disordered + invented} disordered, ${overtaken} overtaken, ${gaps} gaps.`,
  ].join('\n')
}
