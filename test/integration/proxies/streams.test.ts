import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { GoWeb, sse, SseStream, type Server } from 'goweb'
import { NginxProcess } from './nginx-process.ts'
import { PROXIES } from './proxies.ts'
import type { RunningProxy } from './running-proxy.ts'

const MEGABYTE = 1_048_576
const SIZE = 200 * MEGABYTE
/** More than kernels, Node and a proxy have in their buffers, and much less than all of it. */
const IN_BETWEEN = SIZE / 2
const CHUNK = new Uint8Array(MEGABYTE)

/** What the handlers are at, which their clients are told of or decide. */
class Desk {
  made = 0
  taken = 0
  readonly begun: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly goOn: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly left: PromiseWithResolvers<void> = Promise.withResolvers()
}

let desk = new Desk()

const app = new GoWeb()
  .get('/download', async function* () {
    const { goOn } = desk
    yield 'begin'
    await goOn.promise
    for (desk.made = 0; desk.made < SIZE; desk.made += MEGABYTE) yield CHUNK
  })
  .post('/upload', { bodyLimitBytes: 2 * SIZE }, async (c) => {
    for await (const chunk of c.body.stream()) {
      desk.taken += chunk.length
      desk.begun.resolve()
      await desk.goOn.promise
    }
    return c.text(String(desk.taken))
  })
  .post('/small', async (c) => c.text(await c.body.text()))
  .get('/events', () => {
    const stream = new SseStream()
    stream.signal.addEventListener('abort', () => desk.left.resolve())
    stream.send('first')
    void desk.goOn.promise.then(() => stream.send('second'))
    return sse(stream)
  })

let server: Server
before(async () => (server = await app.listen({ port: 0, host: '127.0.0.1' })))
after(() => server.close(0))

const upstreams = (): readonly string[] => [`127.0.0.1:${server.port}`]

function send(proxy: RunningProxy, method: string, path: string, length?: number): ClientRequest {
  desk = new Desk()
  const headers = length === undefined ? {} : { 'content-length': length }
  return request(`${proxy.url}${path}`, { method, headers, agent: false })
}

async function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}

/** The next part of a body, after which no more is read. */
async function part(response: IncomingMessage): Promise<Buffer> {
  const chunk = once(response, 'data')
  response.resume()
  const [bytes] = (await chunk) as [Buffer]
  response.pause()
  return bytes
}

async function sizeOf(response: IncomingMessage): Promise<number> {
  let size = 0
  for await (const chunk of response) size += (chunk as Buffer).length
  return size
}

async function textOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString()
}

/** Waits until the handler makes no more, because nobody takes it. A machine that stands still only makes the test miss something. */
async function rests(): Promise<void> {
  for (let made = -1; made !== desk.made;) {
    made = desk.made
    await wait(100)
  }
}

for (const [name, startProxy] of Object.entries(PROXIES)) {
  describe(`through ${name}`, () => {
    let proxy: RunningProxy
    before(async () => (proxy = await startProxy({ upstreams: upstreams() })))
    after(() => proxy.stop())

    test(`${SIZE / MEGABYTE} MiB come as they are made, and no faster than they are read`, async () => {
      const sent = send(proxy, 'GET', '/download').end()
      const response = await answerTo(sent)
      assert.equal((await part(response)).toString(), 'begin')
      desk.goOn.resolve()
      await rests()
      assert.ok(desk.made < IN_BETWEEN, `${desk.made} bytes were made that nobody has read`)
      assert.equal(await sizeOf(response), SIZE)
      assert.doesNotMatch(proxy.log.join('\n'), /temporary file/)
    })

    test(`${SIZE / MEGABYTE} MiB arrive as they are sent, and no faster than they are taken`, async () => {
      const sent = send(proxy, 'POST', '/upload', SIZE)
      const answer = answerTo(sent)
      sent.write(CHUNK)
      await desk.begun.promise
      let written = MEGABYTE
      // Until nobody takes any more.
      while (written < IN_BETWEEN) {
        written += MEGABYTE
        if (sent.write(CHUNK)) continue
        const taken = await Promise.race([once(sent, 'drain'), wait(500, 'rests')])
        if (taken === 'rests') break
      }
      assert.ok(written < IN_BETWEEN, `${written} bytes were sent that nobody has taken`)
      desk.goOn.resolve()
      for (; written < SIZE; written += MEGABYTE) if (!sent.write(CHUNK)) await once(sent, 'drain')
      sent.end()
      assert.equal(await textOf(await answer), String(SIZE))
      assert.doesNotMatch(proxy.log.join('\n'), /temporary file/)
    })

    for (const megabytes of [2, 100]) {
      test(`the app itself says that ${megabytes} MiB are too much`, async () => {
        const sent = send(proxy, 'POST', '/small', megabytes * MEGABYTE)
        const answer = answerTo(sent)
        // Not all of it: what is refused is cut off, and who is writing may hear of that before the answer.
        sent.write(CHUNK.subarray(0, 65_536))
        const response = await answer
        assert.equal(response.statusCode, 413)
        assert.equal((JSON.parse(await textOf(response)) as { code: string }).code, 'BODY_TOO_LARGE')
        sent.on('error', () => {}).destroy()
      })
    }

    test('an event comes at once, and the app is told when the client has left', async () => {
      const sent = send(proxy, 'GET', '/events').end()
      const response = await answerTo(sent)
      let text = ''
      while (!text.includes('first')) text += (await part(response)).toString()
      assert.doesNotMatch(text, /second/)
      desk.goOn.resolve()
      while (!text.includes('second')) text += (await part(response)).toString()
      sent.destroy()
      await desk.left.promise
    })
  })
}

describe('an nginx that buffers, and speaks HTTP/1.0 as nginx does by itself', () => {
  let nginx: NginxProcess
  before(async () => {
    const directives = { proxy_buffering: 'on', proxy_http_version: '1.0' }
    nginx = await NginxProcess.start({ upstreams: upstreams(), directives })
  })
  after(() => nginx.stop())

  test('fills its disk with what a slow client has not read', async () => {
    const sent = send(nginx, 'GET', '/download').end()
    desk.goOn.resolve()
    const response = await answerTo(sent)
    assert.match(await nginx.says(/temporary file/), /upstream response is buffered/)
    response.destroy()
  })

  test('still passes on events at once, because sse() asks for it', async () => {
    const sent = send(nginx, 'GET', '/events').end()
    const response = await answerTo(sent)
    let text = ''
    while (!text.includes('first')) text += (await part(response)).toString()
    sent.destroy()
    await desk.left.promise
  })
})
