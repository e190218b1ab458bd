import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { GoWeb } from '../../../src/index.ts'
import type { Server } from '../../../src/app/runtime-port.ts'
import { launchChromium } from './launch-chromium.ts'

const BOTH = { thresholdBytes: 0, serverNoContextTakeover: false, clientNoContextTakeover: false }

const app: GoWeb = new GoWeb()
app.get('/', (c) => c.html('<!doctype html><title>compression</title>'))
app.ws('/echo', { compression: BOTH, message: (socket, message) => socket.send(message) })
app.ws('/default', { compression: true, message: (socket, message) => socket.send(message) })
app.ws('/narrow', {
  compression: { ...BOTH, serverMaxWindowBits: 8, clientMaxWindowBits: 9 },
  message: (socket, message) => socket.send(message),
})
app.ws('/topic', {
  compression: BOTH,
  open: (socket) => socket.subscribe('t'),
  message: (socket, message) => {
    socket.send(message)
    socket.publish('t', message, { toSelf: true })
    socket.send(message)
  },
})

let browser: Browser
let server: Server
before(async () => {
  server = await app.listen({ host: '127.0.0.1', port: 0 })
  browser = await launchChromium()
})
after(async () => {
  await browser.close()
  await server.close()
})

/** Lets a page send messages and tell what came back. */
async function exchange(
  path: string,
  messages: readonly string[],
  expected: number,
): Promise<[string, string[]]> {
  const page = await browser.newPage()
  try {
    await page.goto(server.url)
    const script = `new Promise((resolve, reject) => {
      const socket = new WebSocket('${path}')
      const messages = ${JSON.stringify(messages)}
      const received = []
      socket.onopen = () => messages.forEach((message) => socket.send(message))
      socket.onclose = ({ code, reason }) => reject(new Error('closed with ' + code + reason))
      socket.onmessage = ({ data }) => {
        if (received.push(data) < ${expected}) return
        socket.onclose = null
        resolve([socket.extensions, received])
      }
    })`
    return await page.evaluate<[string, string[]]>(script)
  } finally {
    await page.close()
  }
}

describe('Chromium', () => {
  const messages = Array.from({ length: 50 }, (_, index) =>
    index % 9 === 4
      ? `${'large and €larger '.repeat(index * 200)}${index}`
      : JSON.stringify({ index, text: 'hello hello '.repeat(index % 7), id: index ** 5 }),
  )
  for (const [path, agreed] of [
    ['/echo', 'permessage-deflate'],
    ['/default', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
    ['/narrow', 'permessage-deflate; server_max_window_bits=8; client_max_window_bits=9'],
  ] as const) {
    test(`gets back what it sends to ${path}`, async () => {
      const [extensions, received] = await exchange(path, messages, messages.length)
      assert.equal(extensions, agreed)
      assert.deepEqual(received, messages)
    })
  }

  test('gets messages of topics and its own in order, with takeover', async () => {
    const thrice = messages.flatMap((message) => [message, message, message])
    const [, received] = await exchange('/topic', messages, thrice.length)
    assert.deepEqual(received, thrice)
  })
})
