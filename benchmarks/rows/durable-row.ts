import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GeneratorError, type GeneratorOptions, type Measurement } from '../generator/run-generator.ts'
import { nodeCommand } from '../peers/peers.ts'
import type { ServerProcess } from '../peers/server-process.ts'
import type { Entry, RowResult } from '../report/row-result.ts'
import { median } from '../report/statistics.ts'
import type { Bench } from './bench.ts'
import type { Row } from './row.ts'

/** A server of the row, as it differs from the others. */
interface Variant {
  /** `goweb` is the one that has to reach the goal. */
  readonly peer: string
  readonly title: string
  /** See `servers/broker-from-name.ts`. */
  readonly broker: (file: string) => string
  /** Publications that a channel keeps. */
  readonly history: number
}

/** Servers that are measured side by side. */
interface Setting {
  readonly id: string
  readonly title: string
  /** Publications that each file has before. */
  readonly stored: number
  readonly variants: readonly Variant[]
  readonly notes: readonly string[]
}

/** One round of one variant. */
interface Reading {
  readonly measurement: Measurement
  /** Of the server's event loop, warm-up included. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** A variant, and what its server reached. */
export interface DurableRun {
  readonly variant: Pick<Variant, 'peer' | 'title'>
  readonly readings: readonly Reading[]
}

const PUBLISHERS = 100
const STORED = 10_000_000
const ON_SQLITE = 'GoWeb on SQLite'
const ACKNOWLEDGED_LEAST = 40_000
const ALONE_LEAST = 80_000
const FIRST_WARM_UP_SECONDS = 3
/** Longer than those of other rows: a checkpoint of SQLite comes every so many publishes. */
const ROUNDS = 5
const ROUND: GeneratorOptions = { 'warm-up': 0.5, seconds: 1.5 }
const LOAD: GeneratorOptions = {
  channel: 'bench',
  keys: true,
  path: '/connection/websocket',
  connections: PUBLISHERS,
  size: 200,
  verified: 16,
}

const sqlite = (file: string): string => `sqlite:${file}`
const sqliteFull = (file: string): string => `sqlite-full:${file}`
const NEVER_FULL = 1_000_000

const EMPTY: Setting = {
  id: 'durable',
  title: 'Acknowledged durable publishes, 200 B, 100 publishers and subscribers',
  stored: 0,
  variants: [
    { peer: 'goweb', title: ON_SQLITE, broker: sqlite, history: NEVER_FULL },
    {
      peer: 'goweb-sqlite-full',
      title: `${ON_SQLITE}, synchronous: full`,
      broker: sqliteFull,
      history: NEVER_FULL,
    },
    // A history that memory has room for.
    { peer: 'goweb-memory', title: 'GoWeb in memory', broker: () => 'memory', history: 1_000 },
  ],
  notes: [
    '100 connections, each subscribed to a `replay` channel of its own, on which it publishes with an idempotency key as GoWeb’s client gives it. A publish is done when its publisher has the answer that it is stored, and its subscriber, which is the same connection, has it: what is measured is storing, not fan-out.',
    'Idempotency keys are remembered for 10 s: with the two minutes of the default, the 2,000,000 keys that a broker remembers by default are enough for 16,000 publishes/s in the long run.',
    'SQLite with `synchronous: normal`, which survives the end of the process, unless the name says otherwise; a history that nothing has to leave. "In memory" survives nothing and is there for comparison.',
  ],
}

const MANY: Setting = {
  id: 'durable-10m',
  title:
    'Acknowledged durable publishes, 200 B, 100 publishers and subscribers, 10 million publications in the file',
  stored: STORED,
  variants: [
    { peer: 'goweb', title: ON_SQLITE, broker: sqlite, history: NEVER_FULL },
    {
      peer: 'goweb-sqlite-trim',
      title: `${ON_SQLITE}, each publish takes an old one away`,
      broker: sqlite,
      history: STORED / PUBLISHERS,
    },
  ],
  notes: ['100,000 publications in each of the 100 channels that are published on.'],
}

/** What is acknowledged only when it is in a file. */
export const DURABLE_ROW: Row = {
  group: 'durable',
  title: EMPTY.title,
  async run(bench) {
    if (bench.pick(['goweb'], []).length === 0) return []
    const folder = mkdtempSync(join(tmpdir(), 'goweb-bench-'))
    try {
      const results = await measureSetting(bench, EMPTY, folder)
      // Filling the file takes longer than a rough look may.
      if (!bench.effort.isQuick) results.push(...(await measureSetting(bench, MANY, folder)))
      return [...results, measureAlone(bench, folder)]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function measureSetting(bench: Bench, setting: Setting, folder: string): Promise<RowResult[]> {
  const files = setting.variants.map((variant) => join(folder, `${setting.id}-${variant.peer}.db`))
  if (setting.stored > 0) fill(bench, setting, files)
  const servers: ServerProcess[] = []
  try {
    for (const [index, { broker, history }] of setting.variants.entries()) {
      const args = [broker(files[index]!), String(history)]
      servers.push(await bench.startServer(nodeCommand({ file: 'goweb-durable.ts', arguments: args })))
    }
    const results: RowResult[] = []
    for (const inFlight of [1, 16]) {
      const runs = setting.variants.map((variant) => ({ variant, readings: [] as Reading[] }))
      const rounds = bench.effort.isQuick ? bench.effort.rounds : ROUNDS
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < runs.length; i++) {
          const index = (i + round) % runs.length
          runs[index]!.readings.push(await measureOnce(bench, servers[index]!, runs[index]!, inFlight))
        }
      }
      results.push(...durableResults(setting, inFlight, runs))
    }
    const [first, ...others] = results
    return [{ ...first!, notes: [...setting.notes, describeSizes(setting, servers, files)] }, ...others]
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    for (const file of files) rmSync(file, { force: true })
  }
}

async function measureOnce(
  bench: Bench,
  server: ServerProcess,
  { variant, readings }: DurableRun,
  inFlight: number,
): Promise<Reading> {
  const times = bench.effort.isQuick ? {} : ROUND
  const isFirst = readings.length === 0 && !bench.effort.isQuick
  const warmUp = isFirst ? { 'warm-up': FIRST_WARM_UP_SECONDS } : {}
  await readDelay(server)
  try {
    const measurement = await bench.generate(server, 'echo', {
      ...LOAD,
      ...times,
      ...warmUp,
      'in-flight': inFlight,
    })
    const delayMs = await readDelay(server)
    const rate = Math.round(measurement.messages / measurement.seconds)
    bench.log(
      `  ${variant.title}, ${inFlight} in flight: ${rate.toLocaleString('en')} publishes/s, event loop p99 ${delayMs.p99.toFixed(1)} ms`,
    )
    return { measurement, delayMs }
  } catch (error) {
    if (!(error instanceof GeneratorError)) throw error
    throw new GeneratorError(`${EMPTY.title}: ${variant.title}: ${error.message}\n${server.output}`)
  }
}

/** Of the time since the last call. */
async function readDelay(server: ServerProcess): Promise<Reading['delayMs']> {
  const response = await fetch(`http://127.0.0.1:${server.port}/delay`)
  return (await response.json()) as Reading['delayMs']
}

/** Fills the first file and copies it. */
function fill(bench: Bench, setting: Setting, [first, ...others]: readonly string[]): void {
  bench.log(`  Putting ${setting.stored.toLocaleString('en')} publications into a file`)
  const args = [sqlite(first!), String(setting.stored), String(PUBLISHERS)]
  const [program, ...rest] = nodeCommand({ file: 'fill-broker.ts', arguments: args })
  execFileSync(program!, rest, { stdio: ['ignore', 'ignore', 'inherit'] })
  for (const other of others) copyFileSync(first!, other)
}

/** The rows of one setting and number in flight: publishes, and the event loop meanwhile. */
export function durableResults(
  { id, title, stored }: Pick<Setting, 'id' | 'title' | 'stored'>,
  inFlight: number,
  runs: readonly DurableRun[],
): RowResult[] {
  const whole = `${title}, ${inFlight === 1 ? 'one' : inFlight} in flight each`
  const common = { group: 'durable', goals: [], failures: [], measuredAt: new Date().toISOString() }
  const entriesOf = (figure: (reading: Reading) => number): Entry[] =>
    runs.map(({ variant, readings }) => toEntry(variant, readings, figure))
  return [
    {
      ...common,
      id: `${id}-${inFlight}`,
      title: whole,
      unit: 'publishes/s',
      isLowerBetter: false,
      needsSaturation: true,
      entries: entriesOf(({ measurement }) => measurement.messages / measurement.seconds),
      ...(inFlight === 1 ? { least: ACKNOWLEDGED_LEAST } : {}),
      notes: [],
    },
    {
      ...common,
      id: `${id}-delay-${inFlight}`,
      title: `${whole}: delay of the server’s event loop, p99`,
      unit: 'ms',
      isLowerBetter: true,
      needsSaturation: false,
      entries: entriesOf(({ delayMs }) => delayMs.p99),
      notes: runs.map(({ variant, readings }) => {
        const [p50, max] = (['p50', 'max'] as const).map((name) =>
          median(readings.map(({ delayMs }) => delayMs[name])).toFixed(1),
        )
        return `${variant.title}${stored > 0 ? ', many stored' : ''}: p50 ${p50} ms, longest ${max} ms (medians of the rounds).`
      }),
    },
  ]
}

function toEntry(
  { peer, title }: DurableRun['variant'],
  readings: readonly Reading[],
  figure: (reading: Reading) => number,
): Entry {
  const rounds = readings.map(figure)
  return {
    peer,
    title,
    rounds,
    median: median(rounds),
    serverCpu: median(readings.map(({ measurement }) => measurement.serverCpu ?? 0)),
    generatorCpu: median(readings.map(({ measurement }) => measurement.generatorCpu)),
  }
}

function describeSizes(
  { variants }: Setting,
  servers: readonly ServerProcess[],
  files: readonly string[],
): string {
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`
  const sizes = variants.map(({ title }, index) => {
    const size = statSync(files[index]!, { throwIfNoEntry: false })?.size ?? 0
    const file = size === 0 ? '' : `, the file ${megabytes(size)}`
    return `${title}: the server took ${megabytes(servers[index]!.residentBytes)} of memory${file}`
  })
  return `At the end: ${sizes.join('; ')}.`
}

/** What the broker does without sockets. */
function measureAlone(bench: Bench, folder: string): RowResult {
  const { rounds, seconds, isQuick } = bench.effort
  bench.log('  The broker alone')
  const figures = Array.from({ length: isQuick ? rounds : ROUNDS }, (_, round) => {
    const args = [
      sqlite(join(folder, `alone-${round}.db`)),
      String(PUBLISHERS),
      String(isQuick ? seconds : 3),
    ]
    const [program, ...rest] = bench.onServerCore(nodeCommand({ file: 'broker-alone.ts', arguments: args }))
    const output = execFileSync(program!, rest, { encoding: 'utf8' })
    return JSON.parse(output) as { acknowledged: number; seconds: number; cpu: number; p99: number }
  })
  const rates = figures.map(({ acknowledged, seconds: took }) => acknowledged / took)
  return {
    id: 'durable-alone',
    group: 'durable',
    title:
      'The SQLite broker without sockets: acknowledged appends, 200 B, 100 publishers, one in flight each',
    unit: 'appends/s',
    isLowerBetter: false,
    needsSaturation: true,
    entries: [
      {
        peer: 'goweb',
        title: ON_SQLITE,
        rounds: rates,
        median: median(rates),
        serverCpu: median(figures.map(({ cpu }) => cpu)),
      },
    ],
    goals: [],
    least: ALONE_LEAST,
    notes: [
      `In one process that does nothing else; delay of its event loop, p99: ${median(figures.map(({ p99 }) => p99)).toFixed(1)} ms.`,
    ],
    failures: [],
    measuredAt: new Date().toISOString(),
  }
}
