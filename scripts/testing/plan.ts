import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ALONE, LANES, NARROWER, RUNTIMES, SHARING, SUITES, type Runtime, type Sharing } from './suites.ts'

/** One test file on one runtime. */
export interface Job {
  readonly runtime: Runtime
  /** Path from the repository's root. */
  readonly file: string
  /** Nothing else runs beside it. */
  readonly runsAlone: boolean
  readonly lane?: Lane
  /** It may run in one process with others of the same folder and runtime. */
  readonly sharing?: Sharing
  readonly timeoutSeconds: number
  readonly needsSystem: boolean
}

/** Of the files of one lane, only so many run beside each other. */
export interface Lane {
  readonly folder: string
  readonly width: number
}

/** A test file that does not run on a runtime. */
export interface Omission {
  readonly runtime: Runtime
  readonly file: string
  /** What the reason holds for: the file itself, or the folder that it lies in. */
  readonly scope: string
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
const ALONE_IN_PROCESS = /^\/\/ alone: \S/m
const TIMEOUT = /^\/\/ time-out: (\d+) s\b/m

/** Finds the test files below `root/test` and says which runs where. Throws when a file belongs to no suite. */
export function planTests(root: string, options: PlanOptions): Plan {
  const jobs: Job[] = []
  const omissions: Omission[] = []
  for (const name of findTestFiles(join(root, 'test'))) {
    const folder = name.slice(0, name.indexOf('/'))
    const suite = SUITES[folder]
    if (suite === undefined)
      throw new Error(`test/${name}: no suite has this folder, see scripts/testing/suites.ts`)
    if (options.filters.length > 0 && !options.filters.some((filter) => name.includes(filter))) continue

    const file = `test/${name}`
    const head = readFileSync(join(root, file), 'utf8').split('\n', 12).join('\n')
    const reasons = new Map([...head.matchAll(NOT_ON)].map((match) => [match[1], match[2] ?? '']))
    const ownTimeout = TIMEOUT.exec(head)?.[1]
    const timeoutSeconds = Number(ownTimeout ?? suite.timeoutSeconds)
    const isIn = ({ folder }: { readonly folder: string }): boolean => name.startsWith(`${folder}/`)
    const runsAlone = ALONE.some((folder) => isIn({ folder }))
    const lane = LANES.find(isIn)
    const narrower = NARROWER.find(isIn)
    const hasOwnProcess = ownTimeout !== undefined || ALONE_IN_PROCESS.test(head)
    const sharing = hasOwnProcess ? undefined : SHARING.find(isIn)
    for (const runtime of options.runtimes) {
      const reason = reasons.get(runtime)
      if (narrower && !narrower.runtimes.includes(runtime))
        omissions.push({ runtime, file, scope: `test/${narrower.folder}`, reason: narrower.reason })
      else if (!suite.runtimes.includes(runtime))
        omissions.push({ runtime, file, scope: `test/${folder}`, reason: suite.reason ?? '' })
      else if (reason !== undefined) omissions.push({ runtime, file, scope: file, reason })
      else
        jobs.push({
          runtime,
          file,
          timeoutSeconds,
          runsAlone,
          ...(lane && { lane }),
          ...(sharing && { sharing }),
          needsSystem: suite.needsSystem,
        })
    }
  }
  // What may take long begins first, so that nothing long is left when all else is done.
  jobs.sort(
    (a, b) =>
      RUNTIMES.indexOf(a.runtime) - RUNTIMES.indexOf(b.runtime) || b.timeoutSeconds - a.timeoutSeconds,
  )
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
