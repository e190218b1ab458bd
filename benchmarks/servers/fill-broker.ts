/** Puts publications into a file, as an app would have over time: `fill-broker.ts BROKER COUNT CHANNELS`; the channels are those that the generator uses. */
import { brokerFromName } from './broker-from-name.ts'

/** One transaction each. */
const BATCH = 5_000
/** No transaction is to take ids of a window with it: nobody repeats these. */
const OPTIONS = { history: { size: 1_000_000, ttlMs: 86_400_000 } }

const [name = '', count = '0', channelCount = '1'] = process.argv.slice(2)
const channels = Array.from({ length: Number(channelCount) }, (_, i) => `bench/${String(i).padStart(5, '0')}`)
const broker = await brokerFromName(name)
const node = await broker.connect({
  onPublication() {},
  onSignal() {},
  onBroadcast() {},
  onGap() {},
})
const text = 'x'.repeat(200)
for (let i = 0; i < Number(count); i += BATCH) {
  const batch = Array.from({ length: Math.min(BATCH, Number(count) - i) }, async (_, k) => {
    const payload = `{"data":"${text}","info":{"user":"","client":"7d0c0b5e-4f33-4be4-8d3b-0e1b7a5b1c2d"},"time":1700000000000}`
    return node.publish(channels[(i + k) % channels.length]!, payload, OPTIONS)
  })
  await Promise.all(batch)
}
await node.close()
