import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Measurement } from '../generator/run-generator.ts'
import { nodeCommand } from '../peers/peers.ts'
import type { ServerProcess } from '../peers/server-process.ts'
import type { RowResult } from '../report/row-result.ts'
import type { Bench } from './bench.ts'
import type { Row } from './row.ts'

/** What `servers/goweb-soak.ts` tells at `/stats`. */
interface SoakStats {
  readonly open: number
  readonly closed: Readonly<Record<string, number>>
}

interface Soak {
  readonly readers: number
  readonly silent: number
  readonly seconds: number
  readonly measurement: Measurement
  /** Of the server, one a second. */
  readonly residentBytes: readonly number[]
  readonly stats: SoakStats
  /** Deliveries, one figure a second. */
  readonly deliveries: readonly number[]
}

/** While half of the readers are cut off, memory may still rise. */
const RAMP_SHARE = 0.25
/** How much more the second half of the remaining time may take than the first. */
const FLAT_FACTOR = 1.1

/** Half of the subscribers never read. */
export const SOAK_ROW: Row = {
  group: 'soak',
  title: 'Soak: 8,000 connections, half of which never read, topic messages at full speed for 60 s',
  async run(bench) {
    if (bench.pick(['goweb'], []).length === 0) return []
    const size = bench.effort.isQuick
      ? { readers: 400, silent: 400, seconds: 8 }
      : { readers: 4_000, silent: 4_000, seconds: 60 }
    return [toResult(await soak(bench, size))]
  },
}

async function soak(bench: Bench, size: Pick<Soak, 'readers' | 'silent' | 'seconds'>): Promise<Soak> {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-bench-'))
  const listing = join(folder, 'soak.txt')
  const server = await bench.startServer(nodeCommand({ file: 'goweb-soak.ts' }))
  const residentBytes: number[] = []
  const timer = setInterval(() => residentBytes.push(server.residentBytes), 1_000)
  try {
    const measurement = await bench.generate(server, 'topic', {
      connections: size.readers,
      silent: size.silent,
      size: 1_024,
      'in-flight': 16,
      verified: 16,
      seconds: size.seconds,
      path: '/topic',
      'publisher-path': '/publish',
      listing,
      stall: 30,
    })
    return {
      ...size,
      measurement,
      residentBytes,
      stats: await readStats(server),
      deliveries: readListing(listing),
    }
  } finally {
    clearInterval(timer)
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

async function readStats(server: ServerProcess): Promise<SoakStats> {
  const response = await fetch(`http://127.0.0.1:${server.port}/stats`)
  return (await response.json()) as SoakStats
}

function readListing(file: string): number[] {
  const totals = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ')[1]))
  return totals.map((total, i) => total - (totals[i - 1] ?? 0))
}

function toResult(run: Soak): RowResult {
  const { measurement, stats, residentBytes, deliveries } = run
  const rate = measurement.messages / measurement.seconds
  const memory = residentBytes.slice(Math.floor(residentBytes.length * RAMP_SHARE))
  const half = memory.length >> 1
  const [first, second] = [Math.max(...memory.slice(0, half)), Math.max(...memory.slice(half))]
  const cutOff = stats.closed['1013'] ?? 0
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
  const failures: string[] = []
  if (second > first * FLAT_FACTOR)
    failures.push(`memory rose from ${megabytes(first)} to ${megabytes(second)}`)
  if (cutOff !== run.silent) failures.push(`${cutOff} of ${run.silent} that never read were cut off`)
  const count = (figure: number): string => Math.round(figure).toLocaleString('en')
  return {
    id: 'soak',
    group: 'soak',
    title: `Soak: ${count(run.readers + run.silent)} connections, half of which never read, 1 KiB, ${run.seconds} s`,
    unit: 'deliveries/s',
    isLowerBetter: false,
    needsSaturation: false,
    entries: [
      {
        peer: 'goweb',
        title: 'GoWeb',
        rounds: [rate],
        median: rate,
        generatorCpu: measurement.generatorCpu,
        ...(measurement.serverCpu === undefined ? {} : { serverCpu: measurement.serverCpu }),
      },
    ],
    goals: [],
    notes: [
      `The ${count(run.readers)} readers got all of ${count(measurement.messages)} messages, in order; between ${count(Math.min(...deliveries))} and ${count(Math.max(...deliveries))} in each second.`,
      `Of ${count(run.silent)} that never read, ${count(cutOff)} were cut off with 1013, as the policy of maxBackpressureBytes says.`,
      ...(measurement.silentOpen === 0
        ? []
        : [`${measurement.silentOpen} of them were still connected 5 s after the run.`]),
      `Resident memory, the highest in each quarter of the run: ${quarters(residentBytes).map(megabytes).join(', ')}.`,
    ],
    failures: failures.map((failure) => `Soak: ${failure}`),
    measuredAt: new Date().toISOString(),
  }
}

function quarters(figures: readonly number[]): number[] {
  return [0, 1, 2, 3].map((i) => {
    const part = figures.slice((figures.length * i) / 4, (figures.length * (i + 1)) / 4)
    return Math.max(0, ...part)
  })
}
