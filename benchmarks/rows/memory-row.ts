import { setTimeout as sleep } from 'node:timers/promises'
import { execFileSync } from 'node:child_process'
import { holdConnections } from '../generator/run-generator.ts'
import type { Peer, PeerName } from '../peers/peers.ts'
import type { Entry, RowResult } from '../report/row-result.ts'
import { median } from '../report/statistics.ts'
import type { Bench } from './bench.ts'
import type { Row } from './row.ts'

const PEERS_OF_ROW: readonly PeerName[] = [
  'goweb',
  'goweb-small-young-generation',
  'ws',
  'ws-small-young-generation',
  'node:http',
  'gorilla',
  'bun',
  'uws',
]
const CONNECTIONS = 10_000
const QUICK_CONNECTIONS = 1_000
const ROUNDS = 3
/** Descriptors that a process needs besides its connections. */
const SPARE_DESCRIPTORS = 200
const SETTLE_MS = 2_000
const COLLECT_MS = 1_500

/** kB per connection that one server grew by. */
interface Growth {
  readonly peer: Peer
  readonly settled: number[]
  readonly collected: number[]
}

/** Memory of connections that do nothing. */
export const MEMORY_ROW: Row = {
  group: 'memory',
  title: `Memory of ${CONNECTIONS.toLocaleString('en')} idle WebSockets`,
  async run(bench) {
    const connections = countConnections(bench)
    const notes = [
      'Growth of the server’s resident memory, divided by the connections; a new server for each round. ' +
        'Without settings unless the name says otherwise.',
    ]
    const growths = bench
      .pick(PEERS_OF_ROW, notes)
      .map((peer): Growth => ({ peer, settled: [], collected: [] }))
    for (let round = 0; round < (bench.effort.isQuick ? 1 : ROUNDS); round++) {
      for (const growth of growths) await measureGrowth(bench, growth, connections)
    }
    const count = connections.toLocaleString('en')
    return [
      toResult(
        'memory',
        `Memory of one of ${count} idle WebSockets, garbage collected`,
        growths,
        notes,
        'collected',
      ),
      toResult(
        'memory-settled',
        'The same before the garbage collection is asked for',
        growths,
        notes,
        'settled',
      ),
    ]
  },
}

async function measureGrowth(bench: Bench, growth: Growth, connections: number): Promise<void> {
  const server = await bench.startServer(growth.peer.command() as readonly string[])
  try {
    server.collectGarbage()
    await sleep(COLLECT_MS)
    const before = server.residentBytes
    const idle = await holdConnections(bench.generatorCommand, {
      port: server.port,
      path: '/echo',
      connections,
    })
    await sleep(SETTLE_MS)
    const settled = server.residentBytes
    server.collectGarbage()
    await sleep(COLLECT_MS)
    const collected = server.residentBytes
    await idle.close()
    growth.settled.push((settled - before) / connections / 1000)
    growth.collected.push((collected - before) / connections / 1000)
    bench.log(
      `  ${growth.peer.title}: ${growth.collected.at(-1)!.toFixed(2)} kB, ${growth.settled.at(-1)!.toFixed(2)} kB with garbage`,
    )
  } finally {
    await server.stop()
  }
}

/** As many as this machine's limit of open files lets one process have. */
function countConnections(bench: Bench): number {
  if (bench.effort.isQuick) return QUICK_CONNECTIONS
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }))
  return Number.isNaN(limit) ? CONNECTIONS : Math.min(CONNECTIONS, limit - SPARE_DESCRIPTORS)
}

function toResult(
  id: string,
  title: string,
  growths: readonly Growth[],
  notes: readonly string[],
  side: 'settled' | 'collected',
): RowResult {
  const entries = growths.map((growth): Entry => {
    const rounds = growth[side]
    return { peer: growth.peer.name, title: growth.peer.title, rounds, median: median(rounds) }
  })
  return {
    id,
    group: 'memory',
    title,
    unit: 'kB',
    isLowerBetter: true,
    needsSaturation: false,
    entries,
    goals: [],
    ...(side === 'collected' ? { limit: 4.5 } : {}),
    notes,
    failures: [],
    measuredAt: new Date().toISOString(),
  }
}
