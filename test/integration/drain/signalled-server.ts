/**
 * A server that ends by signals: `signalled-server.ts [slow-start | stuck-stop]`; `PORT`, and `DATA` for the file of its channels or `memory`.
 *
 * Says what happens, a line each.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { GoWeb } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { sqliteBroker } from 'goweb/brokers/sqlite'

const [, , manner = ''] = process.argv
const { PORT = '0', DATA = 'memory' } = process.env

process.on('newListener', (name) => {
  // It is told before the listener is there.
  if (name === 'SIGTERM') queueMicrotask(() => console.log('heeds signals'))
})
const app = new GoWeb({
  broker: DATA === 'memory' ? memoryBroker() : sqliteBroker({ file: DATA }),
  report: (error) => console.error((error as { code?: string }).code ?? error),
})
  .channel('rooms/{room}', { delivery: 'replay', history: { size: 100, ttl: '1h' }, public: true })
  .get('/hello', () => 'hello')
  .get('/held', () => {
    console.log('held')
    return new Promise<never>(() => {})
  })
  .onStart(async () => {
    console.log('starts')
    if (manner === 'slow-start') await sleep(300)
  })
  .onStop(() => {
    console.log('stops')
    return manner === 'stuck-stop' ? new Promise(() => {}) : undefined
  })
// Otherwise it would keep the process running.
const beat = setInterval(() => {}, 60_000)
const server = await app.listen({
  host: '127.0.0.1',
  port: Number(PORT),
  drain: { timeoutMs: manner === 'stuck-stop' ? 500 : 20_000 },
})
console.log(`listens on ${server.url}`)
await server.closed
clearInterval(beat)
