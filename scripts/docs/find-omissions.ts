import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { planTests } from '../testing/plan.ts'
import { RUNTIMES, type Runtime } from '../testing/suites.ts'

/** Tests that do not run on some runtimes. */
export interface OmittedTests {
  /** Path below `test/`, of a file or of a folder. */
  readonly where: string
  /** Not the whole of it, but this many calls of `skipOn` in it. */
  readonly skips?: number
  readonly runtimes: readonly Runtime[]
  readonly reason: string
}

const SKIP_ON = /\bskipOn\(\s*'(node26|node22|bun)',\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"),?\s*\)/g

/** Says what is left out on which runtime and why, as the test files and the list of suites have it. */
export function findOmissions(root: string): OmittedTests[] {
  const { omissions } = planTests(root, { filters: [], runtimes: RUNTIMES })
  const whole = omissions.map(({ scope, runtime, reason }) => ({
    where: scope.replace(/^test\//, ''),
    runtime,
    reason,
  }))
  // Each file of a folder has the folder's reason.
  const unique = new Map(whole.map((each) => [JSON.stringify(each), each]))
  return [...group([...unique.values()], false), ...group(findSkips(join(root, 'test')), true)]
}

interface Found {
  readonly where: string
  readonly runtime: Runtime
  readonly reason: string
}

/** `skipOn` itself, and the tests of what is found here. */
const NOT_LOOKED_AT = /node_modules|^skip-on\.ts$|^unit\/repository\//

/** Calls of `skipOn` below a folder; throws for one whose runtime or reason is not written out. */
function findSkips(folder: string): Found[] {
  const found: Found[] = []
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!file.endsWith('.ts') || NOT_LOOKED_AT.test(file)) continue
    const text = readFileSync(join(folder, file), 'utf8')
    const skips = [...text.matchAll(SKIP_ON)]
    if (skips.length !== text.split('skipOn(').length - 1)
      throw new Error(`test/${file}: skipOn is called without a runtime and a reason that are written out`)
    for (const [, runtime = '', single, double = ''] of skips)
      found.push({
        where: file,
        runtime: runtime as Runtime,
        reason: (single ?? double).replaceAll('\\', ''),
      })
  }
  return found
}

function group(found: readonly Found[], isPart: boolean): OmittedTests[] {
  const groups = Map.groupBy(found, ({ where, reason }) => `${where}\n${reason}`)
  return Array.from(groups.values(), (each) => {
    const [{ where, reason } = { where: '', reason: '' }] = each
    const runtimes = RUNTIMES.filter((runtime) => each.some((one) => one.runtime === runtime))
    return { where, runtimes, reason, ...(isPart && { skips: each.length }) }
  }).toSorted((a, b) => a.where.localeCompare(b.where, 'en'))
}
