import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

test('a client that never reads is closed with 3008, has cost no more than the limit, and can recover all of it', async (t) => {
  const { app } = makeApp(t, { channels: { limits: { bufferedBytes: 200_000 } } })
  const typed = app.channel('feed', { delivery: 'replay', history: { size: 1_000, ttl: '1h' }, public: true })
  const port = await serve(t, typed)
  const reader = await ChannelClient.connect(port)
  const { epoch } = await reader.result('subscribe', { channel: 'feed' })

  const socket = new WebSocket(`ws://127.0.0.1:${port}/connection/websocket`)
  await once(socket, 'open')
  socket.send('{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"feed"}}')
  let received = 0
  const subscribed = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      if (text.startsWith('{"id":2')) resolve()
      if (text.includes('"pub"')) received++
    })
  })
  await subscribed
  socket.pause()

  // What the systems between hold is not known; it is far less than this.
  let published = 0
  while (typed.stats().socketsClosedForBackpressure === 0) {
    assert.ok(++published <= 600, 'the limit was never noticed')
    await typed.channels.publish('feed', 'x'.repeat(60_000))
    await reader.push('pub')
    assert.ok(typed.stats().bufferedBytes < 400_000)
  }
  const closed = once(socket, 'close')
  socket.resume()
  const [code] = (await closed) as [number]
  assert.equal(code, 3008)
  assert.ok(received < published)

  const again = await ChannelClient.connect(port)
  for (let offset = received; offset < published;) {
    const page = await again.result('history', { channel: 'feed', limit: 100, since: { epoch, offset } })
    const publications = page['publications'] as { offset: number }[]
    assert.equal(publications[0]?.offset, offset + 1)
    offset = publications.at(-1)?.offset ?? published + 1
  }
})
