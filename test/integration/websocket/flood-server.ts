/**
 * The server of the flood tests, a process of its own so that its memory is only its own: started with `--expose-gc`.
 *
 * Every message over IPC is answered with what the server uses and what its sockets did.
 */
import { GoWeb, type AppStats } from 'goweb'
import {
  HEADERS_TIMEOUT_MS,
  MAX_BACKPRESSURE_BYTES,
  MESSAGE_CHARACTERS,
  ROUND_MESSAGES,
} from './flood-limits.ts'

/** What the server process says of itself. */
export interface Measurement {
  readonly rssBytes: number
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly stats: AppStats
}

const { gc: collectGarbage } = globalThis as unknown as { gc: () => void }
let published = 0

/** A route whose sockets are subscribers of a topic. */
function feed(backpressurePolicy: 'close' | 'drop'): Parameters<GoWeb['ws']>[1] {
  return {
    backpressurePolicy,
    maxBackpressureBytes: MAX_BACKPRESSURE_BYTES,
    closeTimeoutMs: 1_000,
    error: () => {},
    open: (socket) => socket.subscribe(backpressurePolicy),
    message: () => {
      for (let i = 0; i < ROUND_MESSAGES; i++) {
        app.topics.publish(backpressurePolicy, String(published++).padEnd(MESSAGE_CHARACTERS))
      }
    },
  }
}

const app = new GoWeb()
app
  .get('/', () => 'hello')
  .ws('/echo', { message: (socket, message) => void socket.send(message) })
  .ws('/sink', { closeTimeoutMs: 1_000, error: () => {} })
  .ws('/sink-rated', { messagesPerSecond: 50_000, closeTimeoutMs: 1_000, error: () => {} })
  .ws('/feed-close', feed('close'))
  .ws('/feed-drop', feed('drop'))

const server = await app.listen({
  port: 0,
  host: '127.0.0.1',
  backlog: 4_096,
  headersTimeoutMs: HEADERS_TIMEOUT_MS,
})
process.on('message', () => {
  collectGarbage()
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  const measurement: Measurement = {
    rssBytes: rss,
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    stats: app.stats(),
  }
  process.send?.(measurement)
})
process.send?.({ port: server.port })
