import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JitterOptions, JitterResult } from '../clients/jitter.ts'
import { clientsCommand, runClients } from '../clients/run-clients.ts'
import { nodeCommand, type Peer, type PeerName } from '../peers/peers.ts'
import { isOwn } from '../report/compare.ts'
import type { Entry, RowResult } from '../report/row-result.ts'
import { quantile } from '../report/statistics.ts'
import type { Bench } from './bench.ts'
import { JITTER_PEERS, type ClientPeer } from './client-peers.ts'
import type { Row } from './row.ts'

type Size = Pick<JitterOptions, 'clients' | 'seconds' | 'stallMs'>

/** One library, and what its clients got. */
export interface JitterRun {
  readonly peer: Pick<Peer, 'name' | 'title'>
  readonly result: JitterResult
}

const THOROUGH: Size = { clients: 1_000, seconds: 60, stallMs: 15_000 }
const QUICK: Size = { clients: 100, seconds: 10, stallMs: 5_000 }
/** What everybody does meanwhile. */
export const JITTER_WORK = { publishers: 20, rate: 5, connectedMs: 5_000, awayMs: 1_000 }

/** What reaches clients whose connections break all the time. */
export const JITTER_ROW: Row = {
  group: 'jitter',
  title: 'Clients that are cut off about every 5 s for about 1 s, while 20 publishers send 5 messages/s each',
  async run(bench) {
    const size = bench.effort.isQuick ? QUICK : THOROUGH
    const notes: string[] = []
    const runs: JitterRun[] = []
    for (const peer of JITTER_PEERS) {
      for (const picked of bench.pick([peer.name], notes)) {
        const result = await measure(bench, peer, size)
        bench.log(`  ${describeRun({ peer: picked, result })}`)
        runs.push({ peer: picked, result })
      }
    }
    return jitterResults(runs, size, notes)
  },
}

async function measure(
  bench: Bench,
  { server: file, driver, broker }: ClientPeer,
  size: Size,
): Promise<JitterResult> {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-bench-'))
  const args = broker === undefined ? [] : ['0', broker(folder)]
  const server = await bench.startServer(nodeCommand({ file, arguments: args }))
  try {
    const command = bench.onGeneratorCore(clientsCommand('jitter', driver))
    const options: JitterOptions = { ...JITTER_WORK, ...size, port: server.port, server: server.pid }
    return await runClients<JitterResult>(command, options).result
  } catch (cause) {
    throw new Error(`${driver}: ${server.output}`, { cause })
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The rows of the table: how long clients took to catch up; what they got is in the notes. */
export function jitterResults(runs: readonly JitterRun[], size: Size, notes: readonly string[]): RowResult[] {
  return catchUpResults(runs, {
    group: 'jitter',
    title: `Catching up: ${size.clients.toLocaleString('en')} clients, each cut off about every 5 s for about 1 s, 20 publishers with 5 messages/s each, ${size.seconds} s`,
    notes: [
      'From the moment the TCP connection is there until all that had been published by then has been handed to the application. The clients run in one Node process; where its core was busy, it was the limit.',
      'Socket.IO has connection state recovery switched on; GoWeb a `replay` channel of 10,000 publications, in memory unless the name says otherwise. The clients of both connect again within half a second; other settings are as they come.',
      ...notes,
    ],
  })
}

/** What rows of clients that come back again and again are called, and what there is to say of them. */
export interface CatchUpHeading {
  readonly group: 'jitter' | 'rolling'
  readonly title: string
  /** Which peer is GoWeb; see {@link RowResult.own}. */
  readonly own?: PeerName
  readonly notes: readonly string[]
}

/** The rows of one group: the median, and what one in a hundred exceeds. */
export function catchUpResults(runs: readonly JitterRun[], heading: CatchUpHeading): RowResult[] {
  if (runs.length === 0) return []
  const { group, title, own, notes } = heading
  return [50, 99].map((percent, index): RowResult => {
    const entries = runs.flatMap(({ peer, result }): Entry[] => {
      if (result.catchUpMs.length === 0) return []
      const figure = quantile(result.catchUpMs, percent / 100)
      const { serverCpu, generatorCpu } = result
      const { name, title } = peer
      // Of a server that was replaced nobody knows it.
      const load = Number.isFinite(serverCpu) ? { serverCpu, generatorCpu } : {}
      return [{ peer: name, title, rounds: [figure], median: figure, ...load }]
    })
    return {
      id: `${group}-p${percent}`,
      group,
      title: `${title}: p${percent}`,
      unit: 'ms',
      isLowerBetter: true,
      needsSaturation: false,
      ...(own && { own }),
      entries,
      goals: [],
      notes: index === 0 ? [...runs.map(describeRun), ...notes] : [],
      failures: index === 0 ? runs.flatMap((run) => findFailures(run, group)) : [],
      measuredAt: new Date().toISOString(),
    }
  })
}

/** What the clients of a library got, in a sentence. */
export function describeRun({ peer, result }: JitterRun): string {
  const { delivered, lost, doubled, disordered, altered, gaps, cuts, published, clients } = result
  const count = (figure: number): string => figure.toLocaleString('en')
  return (
    `${peer.title}: ${count(delivered)} of ${count(published * clients)} deliveries (${percentOf(delivered, published * clients)}), ` +
    `${count(lost)} lost, ${count(doubled)} doubled, ${count(disordered)} disordered, ${count(altered)} altered; ` +
    `${count(cuts)} cuts, after ${count(result.catchUpMs.length)} of which it caught up, ${count(gaps)} gaps told.`
  )
}

/** Never rounded up: 100 % are all. */
function percentOf(part: number, whole: number): string {
  return `${Math.floor((part / whole) * 100_000) / 1_000} %`
}

/** GoWeb promises that nothing of this happens while the history is long enough. */
function findFailures({ peer, result }: JitterRun, group: string): string[] {
  if (!isOwn({ peer: peer.name })) return []
  const row = group === 'jitter' ? 'Jitter' : 'Rolling restarts'
  const figures = ['lost', 'doubled', 'disordered', 'altered', 'gaps', 'missing'] as const
  const failures = figures
    .filter((figure) => result[figure] !== 0)
    .map((figure) => `${row}: ${peer.title}: ${result[figure]} ${figure}`)
  if (result.published === 0 || result.cuts === 0 || result.catchUpMs.length === 0)
    failures.push(`${row}: nothing happened`)
  return failures
}
