import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

describe('events of a channel', () => {
  test('reach subscribers as the handler returned them', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token }))
      .channel('rooms/{room}', {
        delivery: 'replay',
        public: true,
        events: { message: z.object({ text: z.string().max(10) }) },
        on: { message: (c, data) => ({ ...data, from: c.connection.user, room: c.params.room }) },
      })
    const port = await serve(t, app)
    const ada = await ChannelClient.connect(port, { token: 'ada' })
    const bob = await ChannelClient.connect(port, { token: 'bob' })
    for (const client of [ada, bob]) await client.result('subscribe', { channel: 'rooms/a%20b' })
    await ada.result('publish', {
      channel: 'rooms/a%20b',
      event: 'message',
      data: { text: 'hi' },
      id: 'key-1',
    })
    for (const client of [ada, bob]) {
      const { channel, data, tags, offset, info } = await client.push('pub')
      assert.equal(channel, 'rooms/a%20b')
      assert.deepEqual(data, { text: 'hi', from: 'ada', room: 'a b' })
      assert.deepEqual(tags, { event: 'message', id: 'key-1' })
      assert.equal(offset, 1)
      assert.equal((info as { user: string }).user, 'ada')
    }
    for (const client of [ada, bob]) await client.close()
  })
})
