import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JitterOptions, JitterResult } from '../clients/jitter.ts'
import { clientsCommand, runClients } from '../clients/run-clients.ts'
import { nodeCommand } from '../peers/peers.ts'
import type { ServerProcess } from '../peers/server-process.ts'
import { median } from '../report/statistics.ts'
import type { Bench } from './bench.ts'
import { JITTER_PEERS, type ClientPeer } from './client-peers.ts'
import { catchUpResults, describeRun, JITTER_WORK, type JitterRun } from './jitter-row.ts'
import type { Row } from './row.ts'

const RESTARTS = 10
const THOROUGH = { clients: 1_000, seconds: 60, stallMs: 15_000 }
const QUICK = { clients: 100, seconds: 30, stallMs: 5_000 }

interface RollingRun {
  readonly result: JitterResult
  /** For each restart, from SIGTERM until the successor listened. */
  readonly takeOversMs: readonly number[]
}

/** What reaches clients whose server is replaced again and again, while their connections break besides. */
export const ROLLING_ROW: Row = {
  group: 'rolling',
  title: `A server is replaced ${RESTARTS} times under clients that are cut off about every 5 s`,
  async run(bench) {
    const size = bench.effort.isQuick ? QUICK : THOROUGH
    const notes: string[] = []
    const runs: JitterRun[] = []
    // What has nothing but its memory cannot give its place to another.
    for (const peer of JITTER_PEERS.filter(({ broker }) => broker !== undefined)) {
      for (const picked of bench.pick([peer.name], notes)) {
        const { result, takeOversMs } = await rollOver(bench, peer, { ...JITTER_WORK, ...size })
        const run = { peer: picked, result }
        const [most, middle] = [Math.max(...takeOversMs), median(takeOversMs)].map(Math.round)
        notes.push(`From SIGTERM until the successor listened: ${middle} ms, at most ${most} ms.`)
        bench.log(`  ${describeRun(run)} ${notes.at(-1)}`)
        runs.push(run)
      }
    }
    return catchUpResults(runs, {
      group: 'rolling',
      title: `Catching up: ${size.clients.toLocaleString('en')} clients, each cut off about every 5 s, whose server is replaced ${RESTARTS} times in ${size.seconds} s`,
      own: 'goweb-sqlite',
      notes: [
        'The successor is started before and waits for the file; the old process gets SIGTERM, drains as `drain: true` does, and has to end with 0. Other settings are those of the row before.',
        ...notes,
      ],
    })
  },
}

async function rollOver(
  bench: Bench,
  { server: file, driver, broker }: ClientPeer,
  work: Omit<JitterOptions, 'port'>,
): Promise<RollingRun> {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-bench-'))
  const start = (port: number): Promise<ServerProcess> =>
    bench.startServer(nodeCommand({ file, arguments: [String(port), broker?.(folder) ?? 'memory'] }))
  let server = await start(0)
  const { port } = server
  const takeOversMs: number[] = []
  try {
    const options: JitterOptions = { ...work, port }
    const clients = runClients<JitterResult>(bench.onGeneratorCore(clientsCommand('jitter', driver)), options)
    await clients.ready
    const pauseMs = (work.seconds * 1_000) / (RESTARTS + 1)
    for (let restart = 0; restart < RESTARTS; restart++) {
      await sleep(pauseMs)
      const successor = start(port)
      successor.catch(() => {})
      const askedAtMs = performance.now()
      await server.drain()
      server = await successor
      takeOversMs.push(performance.now() - askedAtMs)
    }
    return { result: await clients.result, takeOversMs }
  } catch (cause) {
    throw new Error(`${driver}: ${server.output}`, { cause })
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}
