import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { Inbox } from '../examples/inbox.ts'
import { app, TOPIC_SIZE } from './interop-app.ts'
import { ChromiumPeer, pythonPeer, runtimePeer, wsPeer } from './peers.ts'

const server = await app.listen({ host: '127.0.0.1', port: 0 })
const base = `ws://localhost:${server.port}`
const chrome = await ChromiumPeer.launch()
after(async () => {
  await chrome.close()
  await server.close()
})

/** The HTTP status that refuses a handshake. */
async function refusal(port: number, path: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(`ws://localhost:${port}${path}`, { headers })
  socket.on('error', () => {}) // Refused, as is asked for.
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; resume: () => void },
  ]
  response.resume()
  socket.terminate()
  return response.statusCode
}

test('all of them talk to each other on a topic', async () => {
  const peers = [wsPeer(), runtimePeer('node'), runtimePeer('bun'), chrome, pythonPeer()]
  assert.equal(peers.length, TOPIC_SIZE)
  const received = await Promise.all(peers.map((peer) => peer.join(base, TOPIC_SIZE)))
  for (const messages of received) assert.deepEqual(messages, received[0])
  assert.deepEqual(received[0]?.toSorted(), peers.map(({ name }) => name).toSorted())
})

describe('handshakes', () => {
  test('of Chromium carry its cookies', async () => {
    assert.equal(await chrome.visitGuarded(base, 'open%20sesame'), 'welcome, unnamed')
    assert.equal(await chrome.visitGuarded(base, 'wrong'), 'closed with 1006')
  })

  test('of ws carry cookies and headers', async () => {
    const headers = { cookie: 'session=open%20sesame', 'x-client': 'ws' }
    const socket = new WebSocket(`${base}/guarded`, { headers })
    const [message] = (await once(socket, 'message')) as [Buffer]
    assert.equal(message.toString(), 'welcome, ws')
    socket.close()
    await once(socket, 'close')
  })

  test('are refused with the status that the server gives', async () => {
    assert.equal(await refusal(server.port, '/guarded'), 401)
    assert.equal(await refusal(server.port, '/guarded', { cookie: 'session=1' }), 403)
    assert.equal(await refusal(server.port, '/missing'), 404)
    assert.equal(await refusal(server.port, '/echo', { origin: 'https://example.com' }), 403)
  })

  test('without a subprotocol that both know end without one', async () => {
    const socket = new WebSocket(`${base}/protocols`)
    const [message] = (await once(socket, 'message')) as [Buffer]
    assert.deepEqual([message.toString(), socket.protocol], ['', ''])
    socket.close()
    await once(socket, 'close')

    // RFC 6455 section 4.1: a client that wants one may give up when none is chosen; ws does.
    const picky = new WebSocket(`${base}/protocols`, ['v3.chat'])
    const [error] = (await once(picky, 'error')) as [Error]
    assert.match(error.message, /no subprotocol/)
  })
})

describe('ws', () => {
  test('sends in fragments, with pings between them', async () => {
    const messages = new Inbox<string>()
    const socket = new WebSocket(`${base}/echo`)
    const pongs = new Inbox<string>()
    socket.on('message', (data: Buffer, isBinary) =>
      messages.push(`${isBinary ? 'binary' : 'text'} ${data.toString()}`),
    )
    socket.on('pong', (data) => pongs.push(data.toString()))
    await once(socket, 'open')
    socket.send('one ', { fin: false })
    socket.ping('1')
    socket.send('', { fin: false })
    socket.ping('2')
    socket.send('two', { fin: true })
    socket.send(Buffer.from('three '), { fin: false })
    socket.send(Buffer.from('four'), { fin: true })
    assert.deepEqual(await messages.take(2), ['text one two', 'binary three four'])
    assert.deepEqual(await pongs.take(2), ['1', '2'])
    socket.close()
    await once(socket, 'close')
  })

  test('pings the server, which hears it, and answers its pings', async () => {
    const socket = new WebSocket(`${base}/pings`)
    const messages = new Inbox<string>()
    const pongs = new Inbox<Buffer>()
    socket.on('message', (data: Buffer) => messages.push(data.toString()))
    socket.on('pong', (data) => pongs.push(data))
    await once(socket, 'open')
    socket.ping('p'.repeat(125))
    assert.equal((await pongs.next()).toString(), 'p'.repeat(125))
    assert.equal(await messages.next(), `ping ${'p'.repeat(125)}`)
    socket.send('ping me')
    assert.equal(await messages.next(), 'pong abc')
    socket.close()
    await once(socket, 'close')
  })

  test('is told with 1009 that a message is too large', async () => {
    const socket = new WebSocket(`${base}/echo`)
    socket.on('error', () => {}) // What is under way finds the connection closed.
    await once(socket, 'open')
    socket.send(Buffer.alloc(2_097_153))
    const [code] = (await once(socket, 'close')) as [number]
    assert.equal(code, 1009)
  })
})
