import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NARROWER, RUNTIMES, SERIAL, SUITES, type Runtime } from './suites.ts'

/** One test file on one runtime. */
export interface Job {
  readonly runtime: Runtime
  /** Path from the repository's root. */
  readonly file: string
  readonly isSerial: boolean
  readonly timeoutSeconds: number
  readonly needsSystem: boolean
}

/** A test file that says why it does not run on a runtime. */
export interface Omission {
  readonly runtime: Runtime
  readonly file: string
  readonly reason: string
}

/** What one call of the runner will do. */
export interface Plan {
  readonly jobs: readonly Job[]
  readonly omissions: readonly Omission[]
}

/** Which files and runtimes were asked for. */
export interface PlanOptions {
  /** Parts of paths below `test/`; none means every file. */
  readonly filters: readonly string[]
  readonly runtimes: readonly Runtime[]
}

const NOT_ON = /^\/\/ not on (node26|node22|bun): (\S.*)$/gm
const TIMEOUT = /^\/\/ time-out: (\d+) s\b/m

/** Finds the test files below `root/test` and says which runs where. Throws when a file belongs to no suite. */
export function planTests(root: string, options: PlanOptions): Plan {
  const jobs: Job[] = []
  const omissions: Omission[] = []
  for (const name of findTestFiles(join(root, 'test'))) {
    const suite = SUITES[name.slice(0, name.indexOf('/'))]
    if (suite === undefined)
      throw new Error(`test/${name}: no suite has this folder, see scripts/testing/suites.ts`)
    if (options.filters.length > 0 && !options.filters.some((filter) => name.includes(filter))) continue

    const file = `test/${name}`
    const head = readFileSync(join(root, file), 'utf8').split('\n', 12).join('\n')
    const reasons = new Map([...head.matchAll(NOT_ON)].map((match) => [match[1], match[2] ?? '']))
    const timeoutSeconds = Number(TIMEOUT.exec(head)?.[1] ?? suite.timeoutSeconds)
    const isSerial = suite.isSerial || SERIAL.some((folder) => name.startsWith(`${folder}/`))
    const narrower = NARROWER.find(({ folder }) => name.startsWith(`${folder}/`))
    for (const runtime of narrower?.runtimes ?? suite.runtimes) {
      if (!options.runtimes.includes(runtime)) continue
      const reason = reasons.get(runtime)
      if (reason !== undefined) omissions.push({ runtime, file, reason })
      else jobs.push({ runtime, file, timeoutSeconds, isSerial, needsSystem: suite.needsSystem })
    }
  }
  jobs.sort((a, b) => RUNTIMES.indexOf(a.runtime) - RUNTIMES.indexOf(b.runtime))
  return { jobs, omissions }
}

function findTestFiles(folder: string, prefix = ''): string[] {
  const found: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue
    if (entry.isDirectory()) found.push(...findTestFiles(join(folder, entry.name), `${prefix}${entry.name}/`))
    else if (entry.name.endsWith('.test.ts')) found.push(prefix + entry.name)
  }
  return found.toSorted()
}
