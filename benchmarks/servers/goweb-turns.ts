/**
 * Notes in which turn of the event loop messages are published, and in which they are written.
 *
 * Prints how many were written later than in the next turn, and how many were never seen.
 */
import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { GoWeb } from 'goweb'

const MESSAGES = 3_000
const publishedIn: number[] = []
const writtenIn: number[] = []

// The last public place before the kernel, whichever object a connection is moved to.
// oxlint-disable-next-line typescript/unbound-method -- it is applied to the connection
Socket.prototype.write = new Proxy(Socket.prototype.write, {
  apply(write, connection, args: unknown[]) {
    if (args[0] instanceof Uint8Array) noteWritten(args[0])
    return Reflect.apply(write, connection, args)
  },
})

const app = new GoWeb().ws('/topic', {
  open: (socket) => socket.subscribe('news'),
  message: (socket, message) => {
    if (message === 'publish') publish((text) => socket.publish('news', text, { toSelf: true }))
    else publish((text) => void socket.send(text))
  },
})
const server = await app.listen({ host: '127.0.0.1', port: 0 })
const clients = await Promise.all(Array.from({ length: 5 }, openClient))

const places: readonly (() => unknown)[] = [
  publishToAll,
  () => queueMicrotask(publishToAll),
  () => process.nextTick(publishToAll),
  () => setImmediate(publishToAll),
  () => setTimeout(publishToAll, 1),
  () => clients[0]!.write(clientFrame('publish')),
  () => clients[1]!.write(clientFrame('echo')),
]
for (let i = 0; publishedIn.length < MESSAGES; i++) {
  places[i % places.length]!()
  if (i % 3 === 0) await nextTurn()
  if (i % 50 === 0) await sleep(1)
}
await sleep(50)
for (const client of clients) client.destroy()
await server.close(0)

const late = publishedIn.filter(
  (turn, number) => writtenIn[number] !== undefined && writtenIn[number] > turn + 1,
)
const missing = publishedIn.filter((_, number) => writtenIn[number] === undefined)
console.log(JSON.stringify({ messages: publishedIn.length, late: late.length, missing: missing.length }))

function turn(): number {
  return performance.nodeTiming.uvMetricsInfo.loopCount
}

function publish(send: (text: string) => void): void {
  const number = publishedIn.push(turn()) - 1
  send(`#${number};`)
}

function publishToAll(): void {
  publish((text) => app.topics.publish('news', text))
}

/** Messages are `#NUMBER;`. */
function noteWritten(bytes: Uint8Array): void {
  for (const [, number] of Buffer.from(bytes)
    .toString('latin1')
    .matchAll(/#(\d+);/g)) {
    writtenIn[Number(number)] ??= turn()
  }
}

async function openClient(): Promise<Socket> {
  const client = connect(server.port, '127.0.0.1')
  client.write(
    'GET /topic HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await once(client, 'data')
  client.resume()
  return client
}

/** A text frame with the mask 0. */
function clientFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}
