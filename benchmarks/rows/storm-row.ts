import { processorSeconds } from '../clients/processor-time.ts'
import { clientsCommand, runClients } from '../clients/run-clients.ts'
import type { StormOptions, StormResult } from '../clients/storm.ts'
import { nodeCommand, type Peer } from '../peers/peers.ts'
import type { ServerProcess } from '../peers/server-process.ts'
import type { Entry, RowResult } from '../report/row-result.ts'
import { median, quantile } from '../report/statistics.ts'
import type { Bench } from './bench.ts'
import { CLIENT_PEERS, type ClientPeer } from './client-peers.ts'
import type { Row } from './row.ts'

/** One restart of one library's server. */
export interface Storm {
  readonly result: StormResult
  /** How long nobody listened. */
  readonly downMs: number
  /** When the new server listened; milliseconds since 1970. */
  readonly listeningAtMs: number
  /** Highest share of a core that the new server took. */
  readonly peakCpu: number
}

/** One library, and its restarts. */
export interface StormRun {
  readonly peer: Pick<Peer, 'name' | 'title'>
  readonly storms: readonly Storm[]
}

const CLIENTS = { quick: 500, thorough: 5_000 }
const ROUNDS = { quick: 1, thorough: 3 }
const TIMEOUT_MS = 60_000
const SAMPLE_MS = 200
const SPREAD_MS = 100

const SHARES = [
  { id: 'storm-50', share: 0.5, name: 'half of the clients are back' },
  { id: 'storm-99', share: 0.99, name: '99 % are back' },
  { id: 'storm-100', share: 1, name: 'all are back' },
] as const

/** How clients come back after their server was restarted. */
export const STORM_ROW: Row = {
  group: 'storm',
  title: 'A server is killed and started again under its clients',
  async run(bench) {
    const effort = bench.effort.isQuick ? 'quick' : 'thorough'
    const notes: string[] = []
    const runs: StormRun[] = []
    for (const peer of CLIENT_PEERS) {
      for (const picked of bench.pick([peer.name], notes)) {
        const storms: Storm[] = []
        for (let round = 0; round < ROUNDS[effort]; round++) {
          storms.push(await restart(bench, peer, CLIENTS[effort]))
          bench.log(`  ${describeStorm(picked.title, storms.at(-1)!)}`)
        }
        runs.push({ peer: picked, storms })
      }
    }
    return stormResults(runs, CLIENTS[effort], notes)
  },
}

async function restart(bench: Bench, { server: file, driver }: ClientPeer, clients: number): Promise<Storm> {
  let server = await bench.startServer(nodeCommand({ file }))
  let stopWatching = (): number => 0
  try {
    const { port } = server
    const options: Omit<StormOptions, 'onReady'> = { port, clients, timeoutMs: TIMEOUT_MS }
    const generator = runClients<StormResult>(bench.onGeneratorCore(clientsCommand('storm', driver)), options)
    await generator.ready
    const killedAtMs = now()
    await server.stop()
    server = await bench.startServer(nodeCommand({ file, arguments: [String(port)] }))
    const listeningAtMs = now()
    stopWatching = watchPeak(server)
    const result = await generator.result
    return { result, downMs: listeningAtMs - killedAtMs, listeningAtMs, peakCpu: stopWatching() }
  } catch (cause) {
    throw new Error(`${driver}: ${server.output}`, { cause })
  } finally {
    stopWatching()
    await server.stop()
  }
}

function now(): number {
  return performance.timeOrigin + performance.now()
}

/** Looks at the server's processor time until asked for the highest share. */
function watchPeak(server: ServerProcess): () => number {
  let peak = 0
  let [seconds, atMs] = [processorSeconds(server.pid), performance.now()]
  const timer = setInterval(() => {
    const [nextSeconds, nextMs] = [processorSeconds(server.pid), performance.now()]
    peak = Math.max(peak, ((nextSeconds - seconds) * 1_000) / (nextMs - atMs))
    seconds = nextSeconds
    atMs = nextMs
  }, SAMPLE_MS)
  return () => {
    clearInterval(timer)
    return peak
  }
}

/** The rows of the table: when half, nearly all and all of the clients were back. */
export function stormResults(
  runs: readonly StormRun[],
  clients: number,
  notes: readonly string[],
): RowResult[] {
  if (runs.length === 0) return []
  const title = `Restart of a server with ${clients.toLocaleString('en')} clients`
  const allNotes = [
    ...runs.flatMap(({ peer, storms }) => storms.map((storm) => describeStorm(peer.title, storm))),
    `From the moment the new server listens until the subscription is in force. "Server CPU" is the highest share of a core in ${SAMPLE_MS} ms, that of the generator the mean: all clients run in one Node process.`,
    'The memory of the old server is gone: a GoWeb client says so as a gap, a Socket.IO client was not recovered.',
    ...notes,
  ]
  return SHARES.map(({ id, share, name }, index) => ({
    id,
    group: 'storm',
    title: `${title}: until ${name}`,
    unit: 'ms',
    isLowerBetter: true,
    needsSaturation: false,
    entries: runs.map(({ peer, storms }): Entry => {
      const rounds = storms.map((storm) => backAfterMs(storm, share))
      return {
        peer: peer.name,
        title: peer.title,
        rounds,
        median: median(rounds),
        serverCpu: median(storms.map(({ peakCpu }) => peakCpu)),
        generatorCpu: median(storms.map(({ result }) => result.generatorCpu)),
      }
    }),
    goals: [],
    notes: index === 0 ? allNotes : [],
    failures: index === 0 ? runs.flatMap(findFailures) : [],
    measuredAt: new Date().toISOString(),
  }))
}

/** All the time there was, when fewer came back. */
function backAfterMs({ result, listeningAtMs }: Storm, share: number): number {
  const sorted = result.backAtMs.toSorted((a, b) => a - b)
  const last = sorted[Math.ceil(result.clients * share) - 1]
  return last === undefined ? TIMEOUT_MS : last - listeningAtMs
}

function describeStorm(title: string, storm: Storm): string {
  const { result, listeningAtMs, peakCpu } = storm
  const { backAtMs, clients, connectedAtMs, gaps, reached } = result
  const count = (figure: number): string => Math.round(figure).toLocaleString('en')
  const times = SHARES.map(({ share }) => `${share * 100} % after ${count(backAfterMs(storm, share))} ms`)
  const spread = [0.01, 0.99].map((share) => count(quantile(connectedAtMs, share) - listeningAtMs))
  return (
    `${title}, down for ${count(storm.downMs)} ms: ${count(backAtMs.length)} of ${count(clients)} back, ${times.join(', ')}; ` +
    `${count(connectedAtMs.length)} connections, 98 % of them between ${spread.join(' and ')} ms, ` +
    `at most ${count(mostWithin(connectedAtMs, SPREAD_MS))} in ${SPREAD_MS} ms; server at most ${Math.round(peakCpu * 100)} % of a core; ` +
    `a message published then reached ${count(reached)} once; ${count(gaps)} gaps told.`
  )
}

/** The largest number of moments that lie within so many milliseconds of each other. */
export function mostWithin(timesMs: readonly number[], spanMs: number): number {
  const sorted = timesMs.toSorted((a, b) => a - b)
  let most = 0
  let first = 0
  for (const [last, time] of sorted.entries()) {
    while (time - sorted[first]! >= spanMs) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

function findFailures({ peer, storms }: StormRun): string[] {
  if (peer.name !== 'goweb') return []
  return storms.flatMap(({ result: { backAtMs, clients, reached } }) => [
    ...(backAtMs.length === clients
      ? []
      : [`Storm: ${peer.title}: ${backAtMs.length} of ${clients} clients are back`]),
    ...(reached === clients
      ? []
      : [`Storm: ${peer.title}: a message afterwards reached ${reached} of ${clients} clients once`]),
  ])
}
