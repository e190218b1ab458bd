import { setTimeout as sleep } from 'node:timers/promises'
import { execFileSync } from 'node:child_process'
import { holdConnections, type GeneratorOptions, type IdleConnections } from '../generator/run-generator.ts'
import type { Peer, PeerName, ServerFile } from '../peers/peers.ts'
import type { ServerProcess } from '../peers/server-process.ts'
import type { Entry, RowResult } from '../report/row-result.ts'
import { median } from '../report/statistics.ts'
import type { Bench } from './bench.ts'
import { CHANNEL, CHANNEL_SERVER } from './channel-rows.ts'
import { forSocketIo } from './load-row.ts'
import type { Group, Row } from './row.ts'

/** What the idle connections are. */
interface IdleRow {
  readonly id: string
  readonly group: Group
  /** Which peer is GoWeb; see {@link RowResult.own}. */
  readonly own?: PeerName
  /** Of what: such as `idle WebSockets`. */
  readonly subject: string
  readonly peers: readonly PeerName[]
  readonly options: GeneratorOptions
  readonly peerOptions?: Partial<Record<PeerName, GeneratorOptions>>
  readonly servers?: Partial<Record<PeerName, ServerFile>>
  /** kB of one of GoWeb's. */
  readonly limit: number
}

const RAW: IdleRow = {
  id: 'memory',
  group: 'memory',
  subject: 'idle WebSockets',
  peers: [
    'goweb',
    'goweb-small-young-generation',
    'ws',
    'ws-small-young-generation',
    'node:http',
    'gorilla',
    'bun',
    'uws',
  ],
  options: { path: '/echo' },
  limit: 4.5,
}

const SUBSCRIBED: IdleRow = {
  id: 'memory-channel',
  group: 'memory',
  subject: 'idle connections, each subscribed to one channel (Socket.IO: in one room)',
  peers: ['goweb', 'goweb-small-young-generation', 'socket.io'],
  options: CHANNEL,
  peerOptions: { 'socket.io': { ...forSocketIo({}), channel: undefined } },
  servers: {
    goweb: CHANNEL_SERVER,
    'goweb-small-young-generation': { ...CHANNEL_SERVER, flags: ['--max-semi-space-size=1'] },
  },
  limit: 7,
}

const RAW_ON_BUN: IdleRow = {
  id: 'bun-memory',
  group: 'bun',
  own: 'goweb-bun',
  subject: 'idle WebSockets on Bun',
  peers: ['goweb-bun', 'bun'],
  options: { path: '/echo' },
  limit: 2.5,
}

const SUBSCRIBED_ON_BUN: IdleRow = {
  id: 'bun-memory-channel',
  group: 'bun',
  own: 'goweb-bun',
  subject: 'idle connections on Bun, each subscribed to one channel',
  peers: ['goweb-bun'],
  options: CHANNEL,
  servers: { 'goweb-bun': CHANNEL_SERVER },
  limit: 5,
}

const CONNECTIONS = 10_000
const QUICK_CONNECTIONS = 1_000
const ROUNDS = 3
/** Descriptors that a process needs besides its connections. */
const SPARE_DESCRIPTORS = 200
const SETTLE_MS = 2_000
const COLLECT_MS = 1_500
/** After so long without much allocation V8 shrinks its young generation with the next collection. */
const REST_MS = 10_000
/** V8 keeps the pages that it needs no more for some seconds. */
const GIVE_BACK_MS = 12_000

/** kB per connection that one server grew by. */
interface Growth {
  readonly peer: Peer
  readonly settled: number[]
  readonly collected: number[]
  /** Of one more round, which takes most of a minute. */
  readonly rested: number[]
}

/** Rows of the memory of connections that do nothing. */
export const MEMORY_ROWS: readonly Row[] = [RAW, SUBSCRIBED, RAW_ON_BUN, SUBSCRIBED_ON_BUN].map((row) => ({
  group: row.group,
  title: `Memory of ${CONNECTIONS.toLocaleString('en')} ${row.subject}`,
  async run(bench) {
    const connections = countConnections(bench)
    const notes = [
      'Growth of the server’s resident memory, divided by the connections; a new server for each round. ' +
        'Without settings unless the name says otherwise.',
    ]
    const growths = bench.pick(row.peers, notes).map((peer): Growth => ({
      peer,
      settled: [],
      collected: [],
      rested: [],
    }))
    const rounds = bench.effort.isQuick ? 1 : ROUNDS
    for (let round = 0; round < rounds; round++) {
      for (const growth of growths) await measureGrowth(bench, { row, growth, connections })
    }
    for (const growth of growths) {
      if (!bench.effort.isQuick && RESTING.has(growth.peer.name))
        await measureRested(bench, { row, growth, connections })
    }
    const count = connections.toLocaleString('en')
    return [
      toResult(
        row,
        { growths, notes, side: 'collected' },
        `Memory of one of ${count} ${row.subject}, garbage collected`,
      ),
      toResult(
        row,
        { growths, notes, side: 'settled' },
        `${count} ${row.subject}, before the garbage collection is asked for`,
      ),
      ...(growths.every(({ rested }) => rested.length === 0)
        ? []
        : [
            toResult(
              row,
              { growths, notes: [...notes, RESTED], side: 'rested' },
              `Memory of one of ${count} ${row.subject}, half a minute later`,
            ),
          ]),
    ]
  },
}))

/** Who is also measured after half a minute: it takes most of a minute each. */
const RESTING: ReadonlySet<PeerName> = new Set<PeerName>(['goweb', 'ws', 'socket.io'])
const RESTED =
  'One round; before the connections come and when they are there, the server is left alone for 10 seconds, garbage ' +
  'is collected, and 12 seconds are given to return memory. What the figures above count besides the connections is ' +
  'mostly the young generation of V8, which grew while they came.'

interface GrowthWork {
  readonly row: IdleRow
  readonly growth: Growth
  readonly connections: number
}

async function measureGrowth(bench: Bench, work: GrowthWork): Promise<void> {
  const { growth, connections } = work
  const server = await startServer(bench, work)
  try {
    server.collectGarbage()
    await sleep(COLLECT_MS)
    const before = server.residentBytes
    const idle = await hold(bench, work, server)
    await sleep(SETTLE_MS)
    const settled = (server.residentBytes - before) / connections / 1000
    server.collectGarbage()
    await sleep(COLLECT_MS)
    const collected = (server.residentBytes - before) / connections / 1000
    await idle.close()
    growth.settled.push(settled)
    growth.collected.push(collected)
    bench.log(`  ${growth.peer.title}: ${collected.toFixed(2)} kB, ${settled.toFixed(2)} kB with garbage`)
  } finally {
    await server.stop()
  }
}

async function measureRested(bench: Bench, work: GrowthWork): Promise<void> {
  const { growth, connections } = work
  const server = await startServer(bench, work)
  try {
    const before = await rest(server)
    const idle = await hold(bench, work, server)
    const rested = ((await rest(server)) - before) / connections / 1000
    await idle.close()
    growth.rested.push(rested)
    bench.log(`  ${growth.peer.title}: ${rested.toFixed(2)} kB half a minute later`)
  } finally {
    await server.stop()
  }
}

function startServer(bench: Bench, { row, growth: { peer } }: GrowthWork): Promise<ServerProcess> {
  const own = row.servers?.[peer.name]
  return bench.startServer(own === undefined ? (peer.command() as readonly string[]) : peer.commandOf(own))
}

function hold(
  bench: Bench,
  { row, growth, connections }: GrowthWork,
  server: ServerProcess,
): Promise<IdleConnections> {
  return holdConnections(bench.generatorCommand, {
    port: server.port,
    connections,
    ...row.options,
    ...row.peerOptions?.[growth.peer.name],
  })
}

/** Lets a server be idle, and tells its resident memory when it has given back what it does not need for that. */
async function rest(server: ServerProcess): Promise<number> {
  await sleep(REST_MS)
  server.collectGarbage()
  await sleep(GIVE_BACK_MS)
  return server.residentBytes
}

/** As many as this machine's limit of open files lets one process have. */
function countConnections(bench: Bench): number {
  if (bench.effort.isQuick) return QUICK_CONNECTIONS
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }))
  return Number.isNaN(limit) ? CONNECTIONS : Math.min(CONNECTIONS, limit - SPARE_DESCRIPTORS)
}

interface Side {
  readonly growths: readonly Growth[]
  readonly notes: readonly string[]
  readonly side: 'settled' | 'collected' | 'rested'
}

function toResult(row: IdleRow, { growths, notes, side }: Side, title: string): RowResult {
  const measured = growths.filter((growth) => growth[side].length > 0)
  const entries = measured.map((growth): Entry => {
    const rounds = growth[side]
    return { peer: growth.peer.name, title: growth.peer.title, rounds, median: median(rounds) }
  })
  return {
    id: side === 'collected' ? row.id : `${row.id}-${side}`,
    group: row.group,
    ...(row.own === undefined ? {} : { own: row.own }),
    title,
    unit: 'kB',
    isLowerBetter: true,
    needsSaturation: false,
    entries,
    goals: [],
    ...(side === 'collected' ? { limit: row.limit } : {}),
    notes,
    failures: [],
    measuredAt: new Date().toISOString(),
  }
}
