import { execFileSync } from 'node:child_process'
import type { Measurement } from '../generator/run-generator.ts'
import { nodeCommand } from '../peers/peers.ts'
import type { RowResult } from '../report/row-result.ts'
import type { Bench } from './bench.ts'
import { measureLoad, toEntry, type LoadRow } from './load-row.ts'
import type { Row } from './row.ts'

/** What `servers/goweb-turns.ts` found. */
interface TurnCheck {
  readonly messages: number
  readonly late: number
  readonly missing: number
}

const SECONDS = { quick: 2, thorough: 4 }

const LOAD: LoadRow = {
  id: 'latency',
  group: 'latency',
  title: 'Latency of a fan-out to 1,000 subscribers, 50 messages/s, 64 B',
  unit: 'deliveries/s',
  mode: 'topic',
  options: { connections: 1_000, size: 64, rate: 50, path: '/topic', 'publisher-path': '/publish' },
  peers: ['goweb', 'ws'],
}

/** How long a message for many takes when there are few. */
export const LATENCY_ROW: Row = {
  group: 'latency',
  title: LOAD.title,
  async run(bench) {
    const notes = ['From the publisher’s write until the kernel has the delivery for the subscriber.']
    const seconds = bench.effort.isQuick ? SECONDS.quick : SECONDS.thorough
    const contenders = await measureLoad(bench, { ...LOAD, options: { ...LOAD.options, seconds } }, notes)
    const failures = contenders.some(({ peer }) => peer.name === 'goweb') ? checkTurns(bench, notes) : []
    return (['p50', 'p99'] as const).map((quantile): RowResult => ({
      id: `latency-${quantile}`,
      group: 'latency',
      title: `${LOAD.title}: ${quantile}`,
      unit: 'ms',
      isLowerBetter: true,
      needsSaturation: false,
      entries: contenders.map((contender) => toEntry(contender, readQuantile(quantile))),
      goals: [{ peer: 'ws', factor: 1 }],
      notes,
      failures,
      measuredAt: new Date().toISOString(),
    }))
  },
}

function readQuantile(quantile: 'p50' | 'p99'): (measurement: Measurement) => number {
  return ({ latencyMs }) => latencyMs?.[quantile] ?? Number.NaN
}

/** Whether each message leaves in the turn of the event loop in which it was published, or in the next. */
function checkTurns(bench: Bench, notes: string[]): string[] {
  bench.log('  No message waits longer than one turn?')
  const [node, ...args] = nodeCommand({ file: 'goweb-turns.ts' })
  const { messages, late, missing } = JSON.parse(execFileSync(node!, args, { encoding: 'utf8' })) as TurnCheck
  if (late === 0 && missing === 0) {
    notes.push(
      `Of ${messages.toLocaleString('en')} messages, published in all phases of the event loop, none waited longer than one turn.`,
    )
    return []
  }
  return [`${late} of ${messages} messages waited longer than one turn, ${missing} were not seen to leave`]
}
