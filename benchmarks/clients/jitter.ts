import { setTimeout as sleep } from 'node:timers/promises'
import { CatchUp } from './catch-up.ts'
import type { BenchClient, ClientDriver } from './client-driver.ts'
import { FlakyNetwork } from './flaky-network.ts'
import { numberedMessage } from './numbered-message.ts'
import { processorSeconds } from './processor-time.ts'
import { Tally } from './tally.ts'
import { openAll } from './open-all.ts'
import { waitUntil } from './wait-until.ts'

/** How long nothing may happen at the end before those who are not back never will be. */
const RETURN_TIMEOUT_MS = 60_000

/** What to do. */
export interface JitterOptions {
  readonly port: number
  readonly clients: number
  readonly publishers: number
  /** Messages a second of each publisher. */
  readonly rate: number
  readonly seconds: number
  /** How long a client is there on average; exponentially distributed. */
  readonly connectedMs: number
  /** How long it is away on average; anything from half to one and a half times that. */
  readonly awayMs: number
  /** How long nothing may come, when all are back after the last publish, before what is missing counts as lost. */
  readonly stallMs: number
  /** Process whose processor time is told. */
  readonly server?: number
  /** Called when all are there and publishing begins. */
  readonly onReady?: () => void
}

/** What came of it. */
export interface JitterResult {
  /** Messages that the server has acknowledged. */
  readonly published: number
  readonly clients: number
  readonly delivered: number
  readonly lost: number
  readonly doubled: number
  readonly disordered: number
  readonly altered: number
  /** How often the library said that it had lost something. */
  readonly gaps: number
  readonly cuts: number
  /** Clients that were not back at the end. */
  readonly missing: number
  /** From the establishment of a connection until everything published before it has been handed on. */
  readonly catchUpMs: readonly number[]
  readonly seconds: number
  readonly serverCpu: number
  readonly generatorCpu: number
}

interface Member {
  readonly network: FlakyNetwork
  readonly tally: Tally
  readonly catchUp: CatchUp
  isBack: boolean
  timer: NodeJS.Timeout | undefined
}

/** Cuts clients off and lets them come back, again and again, while others publish; then counts what each of them got. */
export async function runJitter(driver: ClientDriver, options: JitterOptions): Promise<JitterResult> {
  const { port, publishers, seconds } = options
  const published = Array.from({ length: publishers }, () => 0)
  const catchUpMs: number[] = []
  const members: Member[] = []
  let gaps = 0
  let cuts = 0
  let lastProgressMs = 0

  const subscribers = await openAll(options.clients, (onReady) => {
    const tally = new Tally(publishers)
    const member: Member = {
      network: new FlakyNetwork(),
      tally,
      catchUp: new CatchUp(tally),
      isBack: false,
      timer: undefined,
    }
    members.push(member)
    const noteEnd = (tookMs: number | undefined): void => {
      if (tookMs !== undefined) catchUpMs.push(tookMs)
    }
    return driver.open(port, member.network, {
      onReady() {
        member.isBack = true
        lastProgressMs = performance.now()
        noteEnd(member.catchUp.end(performance.now()))
        onReady()
      },
      onMessage(message, offset) {
        lastProgressMs = performance.now()
        tally.take(message, offset)
        noteEnd(member.catchUp.end(lastProgressMs, message))
      },
      onGap: () => gaps++,
    })
  })
  const senders = await openAll(publishers, (onReady) =>
    driver.open(port, new FlakyNetwork(), { onReady, onMessage() {}, onGap() {} }),
  )

  options.onReady?.()
  const startedMs = performance.now()
  const cpu = startMeter(options.server)
  for (const member of members) {
    member.network.onConnected = () => member.catchUp.begin(performance.now(), published)
    stayAWhile(member)
  }
  const endMs = startedMs + seconds * 1_000
  await Promise.all(senders.map((sender, from) => publishUntil(endMs, sender, from)))
  for (const { network, timer } of members) {
    clearTimeout(timer)
    network.restore()
  }
  lastProgressMs = performance.now()
  const countMissing = (): number => members.reduce((sum, { tally }) => sum + tally.countLost(published), 0)
  await waitUntil(() => {
    const silentMs = performance.now() - lastProgressMs
    return members.every(({ isBack }) => isBack)
      ? countMissing() <= 0 || silentMs > options.stallMs
      : silentMs > RETURN_TIMEOUT_MS
  })
  const measured = cpu()
  for (const client of [...subscribers, ...senders]) client.close()
  for (const { network } of members) network.destroy()

  const sum = (figure: 'delivered' | 'doubled' | 'disordered' | 'altered'): number =>
    members.reduce((total, { tally }) => total + tally[figure], 0)
  return {
    published: published.reduce((total, count) => total + count, 0),
    clients: members.length,
    delivered: sum('delivered'),
    lost: countMissing(),
    doubled: sum('doubled'),
    disordered: sum('disordered'),
    altered: sum('altered'),
    gaps,
    cuts,
    missing: members.filter(({ isBack }) => !isBack).length,
    catchUpMs,
    ...measured,
  }

  function stayAWhile(member: Member): void {
    member.timer = setTimeout(
      () => {
        member.catchUp.abandon()
        member.isBack = false
        member.network.cut()
        cuts++
        member.timer = setTimeout(
          () => {
            member.network.restore()
            stayAWhile(member)
          },
          options.awayMs * (0.5 + Math.random()),
        )
      },
      -Math.log(1 - Math.random()) * options.connectedMs,
    )
  }

  /** Publishes at its rate, each message whether those before are acknowledged or not. */
  async function publishUntil(endMs: number, sender: BenchClient, from: number): Promise<void> {
    const acknowledged: Promise<void>[] = []
    const periodMs = 1_000 / options.rate
    let dueMs = performance.now() + (periodMs * from) / publishers
    for (; dueMs < endMs; dueMs += periodMs) {
      await sleep(Math.max(0, dueMs - performance.now()))
      acknowledged.push(sender.publish(numberedMessage(from, published[from]!++)))
    }
    await Promise.all(acknowledged)
  }
}

function startMeter(server = 0): () => Pick<JitterResult, 'seconds' | 'serverCpu' | 'generatorCpu'> {
  const startedMs = performance.now()
  const serverBefore = processorSeconds(server)
  const own = process.cpuUsage()
  return () => {
    const seconds = (performance.now() - startedMs) / 1_000
    const { user, system } = process.cpuUsage(own)
    return {
      seconds,
      serverCpu: (processorSeconds(server) - serverBefore) / seconds,
      generatorCpu: (user + system) / 1e6 / seconds,
    }
  }
}
