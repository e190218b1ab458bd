import type { Plan } from '../testing/plan.ts'
import { RUNTIME_NAMES, RUNTIMES, type Runtime } from '../testing/suites.ts'
import { sumCounts, type TestResults } from '../testing/test-results.ts'
import type { OmittedTests } from './find-omissions.ts'

/** The parts of `docs/runtimes.md` that are made. */
export type RuntimesBlock = 'counts' | 'omissions' | 'conformance'

/** Puts a part that was made in the place of an older one; throws when the page has no place for it. */
export function replaceBlock(page: string, name: RuntimesBlock, text: string): string {
  const [begin, end] = [`<!-- begin: ${name} -->\n`, `<!-- end: ${name} -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`docs/runtimes.md has no place for the part "${name}"`)
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`
}

/** The table of what passed where. Throws when a test file has no result, or one that failed. */
export function renderCounts({ jobs, omissions }: Plan, results: TestResults): string {
  const lacking = jobs.filter(({ runtime, file }) => results[runtime]?.[file]?.failed !== 0)
  if (lacking.length > 0) {
    const names = lacking.slice(0, 5).map(({ runtime, file }) => `${file} on ${RUNTIME_NAMES[runtime]}`)
    throw new Error(
      `The page is made of a run in which all passed; failed or not run are ${lacking.length}: ${names.join(', ')}…`,
    )
  }
  const folders = new Set([...jobs, ...omissions].map(({ file }) => folderOf(file)))
  const rows = [...folders].toSorted().map((folder) => {
    const cells = RUNTIMES.map((runtime) => {
      const isHere = (each: { file: string; runtime: Runtime }): boolean =>
        each.runtime === runtime && folderOf(each.file) === folder
      const run = jobs.filter(isHere).flatMap(({ file }) => results[runtime]?.[file] ?? [])
      if (run.length === 0) return 'not run'
      const { passed, skipped } = sumCounts(run)
      const left = omissions.filter(isHere).length
      const parts = [String(passed)]
      if (skipped > 0) parts.push(`${skipped} skipped`)
      if (left > 0) parts.push(`${left} ${left === 1 ? 'file' : 'files'} not run`)
      return parts.join(', ')
    })
    return row([`\`${folder}\``, ...cells])
  })
  const sums = RUNTIMES.map((runtime) => {
    const { passed, skipped } = sumCounts(
      jobs.filter((job) => job.runtime === runtime).flatMap(({ file }) => results[runtime]?.[file] ?? []),
    )
    return skipped > 0 ? `**${passed}**, ${skipped} skipped` : `**${passed}**`
  })
  return [...head('folder of `test`'), ...rows, row(['all', ...sums])].join('\n')
}

/** The table of what does not run, and why. */
export function renderOmissions(omitted: readonly OmittedTests[]): string {
  const rows = omitted.map(({ where, skips, runtimes, reason }) => {
    const part = skips === undefined ? '' : skips === 1 ? ', in part' : `, ${skips} parts`
    return row([`\`${where}\`${part}`, runtimes.map((runtime) => RUNTIME_NAMES[runtime]).join(', '), reason])
  })
  return [row(['tests', 'not on', 'because']), row(['---', '---', '---']), ...rows].join('\n')
}

/** Such as `unit/router` of `test/unit/router/url.test.ts`: at most two folders deep. */
function folderOf(file: string): string {
  return file.split('/').slice(1, -1).slice(0, 2).join('/')
}

function head(first: string): string[] {
  return [row([first, ...RUNTIMES.map((runtime) => RUNTIME_NAMES[runtime])]), '| --- | --: | --: | --: |']
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
