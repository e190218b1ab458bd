/**
 * The benchmarks: `npm run bench -- [--only echo,http,…] [--peers goweb,ws,…] [--quick] [--json FILE] [--write]`.
 *
 * `--write` puts the rows that were measured into `results.json`, `RESULTS.md` and its charts; `--no-build` measures
 * what an earlier run built. Ends with 1 when a check fails; a missed goal is only told.
 */
import { writeFileSync } from 'node:fs'
import { inspect, parseArgs } from 'node:util'
import { buildGenerator } from './generator/build-generator.ts'
import { GeneratorError } from './generator/run-generator.ts'
import { CACHE } from './peers/folders.ts'
import { buildGoWeb, installPeers, linkGoWeb } from './peers/install-peers.ts'
import { PEERS, type PeerName } from './peers/peers.ts'
import { missedGoals } from './report/compare.ts'
import { describeMachine } from './report/machine.ts'
import type { RowResult } from './report/row-result.ts'
import { renderTable } from './report/table.ts'
import { writeResults } from './report/write-results.ts'
import { ALL_ROWS } from './rows/all-rows.ts'
import { Bench } from './rows/bench.ts'
import { GROUPS, type Group } from './rows/row.ts'

const BUSY = 0.7

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    peers: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    console.error(`stopped by ${signal}`)
    process.exit(1)
  })
}
try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** Measures and tells what was asked for. Resolves to whether every check passed. */
async function main(): Promise<boolean> {
  const groups = choose('--only', flags.only, GROUPS) ?? GROUPS
  const peers = choose('--peers', flags.peers, Object.keys(PEERS) as PeerName[])
  if (flags.write && flags.quick) throw new Error('--write: the figures of --quick are worth too little')

  const generator = buildGenerator(CACHE)
  installPeers({ hasUws: peers?.includes('uws') === true })
  if (!flags['no-build']) buildGoWeb()
  linkGoWeb()
  const machine = describeMachine()
  const bench = new Bench(generator, flags.quick, peers && new Set(peers))
  if (machine.load > BUSY)
    bench.log(`The machine is busy (load ${machine.load}): the figures are worth little`)
  const { results, failures } = await measure(bench, groups)

  console.log(`\n${renderTable(results)}\n`)
  for (const missed of results.flatMap(missedGoals)) console.log(`Missed: ${missed}`)
  for (const failure of failures) console.error(`FAILED: ${failure}`)
  if (flags.json !== undefined) {
    writeFileSync(flags.json, `${JSON.stringify({ machine, rows: results, failures }, null, 2)}\n`)
  }
  if (flags.write) writeResults(machine, results)
  return failures.length === 0
}

/** Measures the rows of some groups. A server that fails its row does not keep the other rows from being measured. */
async function measure(
  bench: Bench,
  groups: readonly Group[],
): Promise<{ results: RowResult[]; failures: string[] }> {
  const results: RowResult[] = []
  const failures: string[] = []
  for (const row of ALL_ROWS) {
    if (!groups.includes(row.group)) continue
    bench.log(row.title)
    try {
      results.push(...(await row.run(bench)))
    } catch (error) {
      const text = error instanceof GeneratorError ? error.message : inspect(error)
      bench.log(text)
      failures.push(text)
    }
  }
  return { results, failures: [...failures, ...new Set(results.flatMap((row) => row.failures))] }
}

/** The names of a list with commas, each one of `known`; `all` means all. */
function choose<Name extends string>(
  option: string,
  list: string | undefined,
  known: readonly Name[],
): readonly Name[] | undefined {
  if (list === undefined) return undefined
  if (list === 'all') return known
  return list.split(',').map((given) => {
    const name = known.find((candidate) => candidate === given)
    if (name === undefined) throw new Error(`${option} ${given}: expected some of ${known.join(', ')}`)
    return name
  })
}
