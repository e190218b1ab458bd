import type { ClientDriver } from './client-driver.ts'
import { FlakyNetwork } from './flaky-network.ts'
import { numberedMessage } from './numbered-message.ts'
import { openAll } from './open-all.ts'
import { Tally } from './tally.ts'
import { waitUntil } from './wait-until.ts'

/** What to do. */
export interface StormOptions {
  readonly port: number
  readonly clients: number
  /** How long to wait for all to be back, and for what is published then. */
  readonly timeoutMs: number
  /** Called when all are subscribed: from now on the server may go away. */
  readonly onReady: () => void
}

/** What came of it; times are milliseconds since 1970. */
export interface StormResult {
  readonly clients: number
  /** When each client that came back was subscribed again. */
  readonly backAtMs: readonly number[]
  /** When each connection was established, those that led to nothing included. */
  readonly connectedAtMs: readonly number[]
  /** How often the library said that it had lost something. */
  readonly gaps: number
  /** Of those that are back: how many got the one message that was published then, once. */
  readonly reached: number
  readonly generatorCpu: number
}

/** Holds clients while their server is restarted, and notes when each of them is back. */
export async function runStorm(driver: ClientDriver, options: StormOptions): Promise<StormResult> {
  const { clients: count, port, timeoutMs } = options
  const backAtMs: number[] = []
  const connectedAtMs: number[] = []
  const tallies: Tally[] = []
  const networks: FlakyNetwork[] = []
  /** Clients that have been subscribed twice. */
  const back = new Set<Tally>()
  let isStorm = false
  let gaps = 0
  const clients = await openAll(count, (onReady) => {
    const network = new FlakyNetwork()
    const tally = new Tally(1)
    networks.push(network)
    tallies.push(tally)
    network.onConnected = () => {
      if (isStorm) connectedAtMs.push(now())
    }
    return driver.open(port, network, {
      onReady() {
        onReady()
        if (!isStorm || back.has(tally)) return
        back.add(tally)
        backAtMs.push(now())
      },
      onMessage: (message, offset) => tally.take(message, offset),
      onGap: () => gaps++,
    })
  })
  isStorm = true
  const cpu = process.cpuUsage()
  const startedMs = now()
  options.onReady()
  await waitFor(() => backAtMs.length >= count, timeoutMs)
  const { user, system } = process.cpuUsage(cpu)
  const generatorCpu = (user + system) / 1_000 / (now() - startedMs)

  const published = clients[0]!.publish(numberedMessage(0, 0)).catch(() => {})
  await waitFor(() => tallies.every(({ delivered }) => delivered === 1), timeoutMs)
  await Promise.race([published, waitFor(() => false, timeoutMs)])
  for (const client of clients) client.close()
  for (const network of networks) network.destroy()
  const reached = tallies.filter(
    ({ delivered, doubled, altered }) => delivered === 1 && doubled + altered === 0,
  )
  return { clients: count, backAtMs, connectedAtMs, gaps, reached: reached.length, generatorCpu }
}

async function waitFor(isSo: () => boolean, timeoutMs: number): Promise<void> {
  const endMs = performance.now() + timeoutMs
  await waitUntil(() => isSo() || performance.now() > endMs)
}

function now(): number {
  return performance.timeOrigin + performance.now()
}
