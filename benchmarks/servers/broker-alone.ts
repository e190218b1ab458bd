/**
 * Publishes without sockets: `broker-alone.ts BROKER PUBLISHERS SECONDS`.
 *
 * Each publisher has one publish under way. Prints how many were acknowledged, the processor time in cores and the delay of the event loop as a line of JSON.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { brokerFromName } from './broker-from-name.ts'

const WARM_UP_MS = 1_000
const RESOLUTION_MS = 1

const [name = '', publishers = '100', seconds = '2'] = process.argv.slice(2)
let delivered = 0
const broker = await brokerFromName(name)
const node = await broker.connect({
  onPublication: () => delivered++,
  onSignal() {},
  onBroadcast() {},
  onGap() {},
})
const payload = `{"data":"${'x'.repeat(200)}","info":{"user":"","client":"7d0c0b5e-4f33-4be4-8d3b-0e1b7a5b1c2d"},"time":1700000000000}`
const history = { size: 1_000_000, ttlMs: 86_400_000 }
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

let acknowledged = 0
let endMs = performance.now() + WARM_UP_MS
await Promise.all(Array.from({ length: Number(publishers) }, (_, i) => publish(i)))
acknowledged = 0
delay.reset()
const startedMs = performance.now()
const cpu = process.cpuUsage()
endMs = startedMs + Number(seconds) * 1_000
await Promise.all(Array.from({ length: Number(publishers) }, (_, i) => publish(i)))
const tookSeconds = (performance.now() - startedMs) / 1_000
const { user, system } = process.cpuUsage(cpu)
const p99 = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS)
await node.close()
console.log(
  JSON.stringify({
    acknowledged,
    delivered,
    seconds: tookSeconds,
    cpu: (user + system) / 1e6 / tookSeconds,
    p99,
  }),
)

async function publish(from: number): Promise<void> {
  const channel = `bench/${from}`
  await node.subscribe(channel)
  while (performance.now() < endMs) {
    const key = crypto.randomUUID()
    await node.publish(channel, payload, { history, idempotency: { key, windowMs: 120_000 } })
    acknowledged++
  }
}
