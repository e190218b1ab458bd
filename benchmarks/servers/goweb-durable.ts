/** Channels on a broker: `goweb-durable.ts BROKER HISTORY`, see `brokerFromName`; at most `HISTORY` publications of each channel are kept. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { GoWeb } from 'goweb'
import { announce } from './announce.ts'
import { brokerFromName } from './broker-from-name.ts'

const RESOLUTION_MS = 1
const [name = 'memory', history = '1000000'] = process.argv.slice(2)
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delay.enable()

const app = new GoWeb({ broker: await brokerFromName(name) })
  .onError((error, c) => console.error(c.kind, error))
  // Of the time since it was asked before. What is measured is the time between two timers; beyond their period it is delay.
  .get('/delay', (c) => {
    const [p50, p99] = [50, 99].map((percent) => Math.max(0, delay.percentile(percent) / 1e6 - RESOLUTION_MS))
    const max = Math.max(0, delay.max / 1e6 - RESOLUTION_MS)
    delay.reset()
    return c.json({ p50, p99, max })
  })
  .channel('bench/{name}', {
    delivery: 'replay',
    history: { size: Number(history), ttl: '24h' },
    // At these rates the two minutes of the default would be more keys than brokers remember without being told to.
    idempotencyWindow: '10s',
    public: true,
  })

const server = await app.listen({ host: '127.0.0.1', port: 0 })
announce(server.port)
