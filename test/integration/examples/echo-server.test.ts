import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { ChannelClient } from '../channels/channel-client.ts'
import { ExampleProcess } from './example-process.ts'
import { Inbox } from './inbox.ts'
import { skipOn } from '../../skip-on.ts'

const MIB = 1024 * 1024
const server = ExampleProcess.start('echo')
const port = await server.ready()
after(() => server.kill())

interface Client {
  readonly socket: WebSocket
  readonly messages: Inbox<string | Buffer>
}

async function open(path: string): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  const messages = new Inbox<string | Buffer>()
  socket.on('message', (data: Buffer, isBinary) => messages.push(isBinary ? data : data.toString()))
  await once(socket, 'open')
  return { socket, messages }
}

async function close({ socket }: Pick<Client, 'socket'>): Promise<void> {
  socket.close()
  await once(socket, 'close')
}

describe('GET /hello/{name}', () => {
  test('greets in JSON', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/hello/ada`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(await response.text(), '{"hello":"ada"}')
  })

  test('takes names of any characters', async () => {
    for (const name of ['Ada Lovelace', '王', 'a/b', '"', '<b>', '__proto__']) {
      const response = await fetch(`http://127.0.0.1:${port}/hello/${encodeURIComponent(name)}`)
      assert.deepEqual(await response.json(), { hello: name })
    }
  })
})

describe('/echo', () => {
  test('sends text and binary messages back as they came, in order', async () => {
    const client = await open('/echo')
    const sent = [
      '',
      'text',
      '👋',
      Buffer.alloc(0),
      randomBytes(300),
      randomBytes(70_000),
      'x'.repeat(70_000),
    ]
    for (const message of sent) client.socket.send(message)
    assert.deepEqual(await client.messages.take(sent.length), sent)
    await close(client)
  })

  test('takes messages up to 16 MiB, and closes with 1009 beyond', async () => {
    const client = await open('/echo')
    const largest = randomBytes(16 * MIB)
    client.socket.send(largest)
    const back = await client.messages.next()
    assert.ok(typeof back !== 'string' && back.equals(largest))
    client.socket.on('error', () => {}) // What is under way finds the connection closed.
    client.socket.send(Buffer.alloc(16 * MIB + 1))
    const [code] = (await once(client.socket, 'close')) as [number]
    assert.equal(code, 1009)
  })
})

describe('/deflate', () => {
  const skip = skipOn('bun', 'Bun compresses without takeover, with a window of 32 KiB')
  test('echoes compressed, in the mode that the client asks for', { skip }, async () => {
    for (const [offer, agreed] of [
      [{}, 'permessage-deflate'],
      [{ serverNoContextTakeover: true }, 'permessage-deflate; server_no_context_takeover'],
      [{ clientNoContextTakeover: true }, 'permessage-deflate; client_no_context_takeover'],
      [
        { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
        'permessage-deflate; server_max_window_bits=9; client_max_window_bits=9',
      ],
    ] as const) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/deflate`, { perMessageDeflate: offer })
      const messages = new Inbox<string>()
      socket.on('message', (data: Buffer) => messages.push(data.toString()))
      const [[answer]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])
      assert.equal(answer.headers['sec-websocket-extensions'], agreed)
      const sent = ['', 'short', 'long '.repeat(1_000), 'longer '.repeat(100_000), 'long '.repeat(1_000)]
      for (const message of sent) socket.send(message)
      assert.deepEqual(await messages.take(sent.length), sent)
      await close({ socket })
    }
  })
})

describe('/topic', () => {
  test('gives each message to all connections, the sender included, in one order', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => open('/topic')))
    for (const [index, { socket }] of clients.entries()) {
      for (let n = 0; n < 20; n++) socket.send(n % 2 === 0 ? `${index} ${n}` : Buffer.from(`${index} ${n}`))
    }
    const received = await Promise.all(clients.map(({ messages }) => messages.take(100)))
    for (const messages of received) {
      assert.deepEqual(messages, received[0])
      for (let index = 0; index < clients.length; index++) {
        const own = messages.map(String).filter((text) => text.startsWith(`${index} `))
        assert.deepEqual(
          own,
          Array.from({ length: 20 }, (_, n) => `${index} ${n}`),
        )
      }
      assert.ok(
        messages.every(
          (message) => Number(String(message).split(' ')[1]) % 2 === (typeof message === 'string' ? 0 : 1),
        ),
      )
    }
    await Promise.all(clients.map(close))
  })
})

describe('channels and calls', () => {
  test('carry any JSON to everyone, keep it, and know who is there', async () => {
    const first = await ChannelClient.connect(port)
    const second = await ChannelClient.connect(port)
    const channel = 'open/test-1'
    for (const client of [first, second]) {
      const { positioned, recoverable, epoch } = await client.result('subscribe', {
        channel,
        join_leave: true,
      })
      assert.ok(typeof epoch === 'string' && (positioned === true || recoverable === true))
    }
    assert.equal((await first.push('join'))['channel'], channel)
    for (const data of [1, 'text', { deep: [null] }]) await first.result('publish', { channel, data })
    for (const client of [first, second]) {
      for (const data of [1, 'text', { deep: [null] }])
        assert.deepEqual((await client.push('pub'))['data'], data)
    }
    const { publications } = await second.result('history', { channel, limit: 100 })
    assert.equal((publications as unknown[]).length, 3)
    const { num_clients: count } = await second.result('presence_stats', { channel })
    assert.equal(count, 2)
    assert.deepEqual(await first.result('rpc', { method: 'echo', data: { a: 1 } }), { data: { a: 1 } })
    await second.close()
    assert.equal((await first.push('leave'))['channel'], channel)
    await first.close()
  })
})

describe('the process', () => {
  test('says one line when it is ready, and ends well on SIGTERM with connections open', async (t) => {
    const echo = new ExampleProcess('npm', ['run', '-s', 'echo'])
    t.after(() => echo.kill())
    const ownPort = await echo.ready()
    const socket = new WebSocket(`ws://127.0.0.1:${ownPort}/echo`)
    await once(socket, 'open')
    const closed = once(socket, 'close') as Promise<[number]>
    const { stdout, stderr } = await echo.stop()
    assert.deepEqual([stdout, stderr], [[`listening on http://127.0.0.1:${ownPort}`], []])
    assert.equal((await closed)[0], 1001)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`ends with 0 on ${signal}`, async (t) => {
      const echo = ExampleProcess.start('echo')
      t.after(() => echo.kill())
      await echo.ready()
      const { code, signal: by } = await echo.stop(signal)
      assert.deepEqual([code, by], [0, null])
    })
  }
})
