/**
 * The server of the leak tests, a process of its own: started with `--expose-gc`, told over IPC what to do.
 *
 * `measure` is answered with what is used after garbage collection, `close` closes the server; then the process has to end by itself.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { GoWeb, GoWebError } from 'goweb'

/** What the server process uses, everything that is garbage collected. */
export interface Usage {
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly rssBytes: number
  /** Objects that are still reachable, by their class. */
  readonly objects: Readonly<Record<string, number>>
  /** Sockets that were opened, and not closed since. */
  readonly openSockets: number
  readonly subscribers: number
  readonly warnings: readonly string[]
  readonly errors: readonly string[]
}

/** There is one of each, or more, for each connection or request. */
const WATCHED = [Socket, IncomingMessage, ServerResponse, AbortController, AbortSignal, ReadableStream]
const { gc: collectGarbage } = globalThis as unknown as { gc: () => void }
const warnings: string[] = []
const errors: string[] = []
let openSockets = 0
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') warnings.push(String(warning))
})

const app = new GoWeb({ report: (error) => errors.push(String(error)) })
  .use((c, next) => {
    if (c.kind === 'http') c.signal.addEventListener('abort', () => {})
    return next()
  })
  .get('/hello/{name}', (c) => c.json({ hello: c.params.name }))
  .post('/json', async (c) => c.json(await c.body.json()))
  .get('/never', async (c) => {
    await new Promise((resolve) => c.signal.addEventListener('abort', resolve))
    return 'too late'
  })
  .get('/stream', async function* () {
    for (;;) {
      yield 'x'.repeat(1_000)
      await wait(1)
    }
  })
  .get('/listeners', (c) => {
    // Node's own request: what is compared is whether listeners of its connection pile up.
    const { socket } = c.raw as { socket: NodeJS.EventEmitter }
    return c.json(
      Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)])),
    )
  })
  .ws('/echo', {
    error: () => {},
    open: (socket) => {
      openSockets++
      socket.subscribe('all')
    },
    message: (socket, message) => {
      if (message === 'bye') socket.close(4000, 'as you wish')
      else socket.send(message)
    },
    close: () => void openSockets--,
  })
  .ws('/refused', {
    upgrade: async () => {
      await Promise.resolve()
      throw new GoWebError('FORBIDDEN')
    },
  })

const server = await app.listen({ port: 0, host: '127.0.0.1' })
process.on('message', (message) => {
  if (message === 'measure') void measure().then((usage) => process.send?.(usage))
  if (message === 'close') void server.close().then(() => process.disconnect?.())
})
process.send?.({ port: server.port })

async function measure(): Promise<Usage> {
  // Some objects are only let go in a turn after the one that collected others.
  for (let i = 0; i < 5; i++) {
    collectGarbage()
    await wait(20)
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return {
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
    rssBytes: rss,
    objects: Object.fromEntries(
      WATCHED.map((watched) => [watched.name, queryObjects(watched, { format: 'count' })]),
    ),
    openSockets,
    subscribers: app.topics.subscriberCount('all'),
    warnings,
    errors,
  }
}
