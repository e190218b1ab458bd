import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { GoWeb, type ChannelPosition, type Positioned, type Server } from 'goweb'
import { connect } from 'goweb/client'
import { z } from 'zod'
import { Log } from '../client/served.ts'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

interface Card {
  readonly id: string
  readonly title: string
}

/** A board whose cards are kept apart from the channel, as in a database, and written before they are published. */
function makeBoard() {
  const cards = new Map<string, string>()
  const app = new GoWeb()
    .channel('boards/{board}', {
      delivery: 'replay',
      public: true,
      events: { card: z.object({ id: z.string(), title: z.string() }) },
      on: { card: (_c, { id, title }) => void cards.set(id, title) },
    })
    .get('/boards/{board}', (c) =>
      c.withPosition('boards/{board}', c.params, async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return Array.from(cards, ([id, title]): Card => ({ id, title }))
      }),
    )
  return { app, cards }
}

type Board = ReturnType<typeof makeBoard>['app']

/** What a page does first. */
async function load(port: number): Promise<Positioned<Card[]>> {
  const answer = await fetch(`http://127.0.0.1:${port}/boards/a%2Fb`)
  return (await answer.json()) as Positioned<Card[]>
}

/** What it does then. */
function follow(t: TestContext, port: number, since: ChannelPosition) {
  const client = connect<Board>(`http://127.0.0.1:${port}`, {
    minReconnectDelayMs: 10,
    maxReconnectDelayMs: 50,
  })
  t.after(() => client.close())
  const log = new Log()
  const channel = client.channel('boards/{board}', { board: 'a/b' }, { since, onGap: () => log.add('gap') })
  channel.on('card', ({ title }) => log.add(title))
  return { channel, log }
}

describe('a position', () => {
  test('is read by name, or by pattern and values, in handlers, commands and from the app', async (t) => {
    const { app } = makeApp(t)
    const typed = app
      .channel('rooms/{room}', { delivery: 'replay', public: true })
      .channel('prices', {
        delivery: 'latest',
        public: true,
        key: (_event, { id }) => id,
        events: { price: z.object({ id: z.string() }) },
      })
      .get('/{room}', async (c) => [
        await c.position('rooms/{room}', c.params),
        (await c.withPosition('rooms/{room}', c.params, () => 1)).position,
      ])
      .call('position', {}, async (c) => [
        await c.position('rooms/a%20b'),
        (await c.withPosition('rooms/a%20b', () => 1)).position,
      ])
    const port = await serve(t, typed)
    const position = await typed.channels.publish('rooms/a%20b', 1)
    assert.equal(position.offset, 1)
    assert.deepEqual(await typed.position('rooms/a%20b'), position)
    assert.deepEqual(await typed.position('rooms/{room}', { room: 'a b' }), position)
    assert.deepEqual(await typed.channels.position('rooms/{room}', { room: 'a b' }), position)
    const loaded = await typed.channels.withPosition('rooms/{room}', { room: 'a b' }, () => 'data')
    assert.deepEqual(loaded, { data: 'data', position })
    const answer = await fetch(`http://127.0.0.1:${port}/a%20b`)
    assert.deepEqual(await answer.json(), [position, position])
    const latest = await typed.channels.publish('prices', 'price', { id: 'x' })
    assert.deepEqual(await typed.position('prices'), latest)
    assert.deepEqual(await typed.channels.withPosition('prices', () => 1), { data: 1, position: latest })
    const client = await ChannelClient.connect(port)
    assert.deepEqual(await client.result('rpc', { method: 'position' }), { data: [position, position] })
    await client.close()
  })

  test('is refused where there is none, and where a value is missing', async (t) => {
    const { app } = makeApp(t)
    app.channel('live', { delivery: 'live', public: true })
    app.channel('rooms/{room}', { delivery: 'replay', public: true })
    const { channels } = app
    await assert.rejects(app.position('live'), { code: 'CHANNEL_WITHOUT_HISTORY', message: /no position/ })
    await assert.rejects(
      channels.withPosition('live', () => 1),
      { code: 'CHANNEL_WITHOUT_HISTORY' },
    )
    await assert.rejects(app.position('none'), { code: 'CHANNEL_UNKNOWN' })
    for (const params of [{}, { room: '' }]) {
      await assert.rejects(channels.position('rooms/{room}', params as never), {
        code: 'CHANNEL_PARAM_INVALID',
        message: 'rooms/{room}: room has no value',
      })
    }
    for (const [load, maxLoads] of [
      ['text', 1],
      [() => 1, 0],
      [() => 1, 1.5],
    ]) {
      await assert.rejects(
        channels.withPosition('rooms/1', load as () => number, { maxLoads: maxLoads as number }),
        {
          code: 'OPTION_INVALID',
        },
      )
    }
    await app.stop()
  })
})

describe('state that was loaded first', () => {
  test('is followed by what is published between the loading and the subscription, once', async (t) => {
    const { app } = makeBoard()
    const port = await serve(t, app)
    await app.channels.publish('boards/a%2Fb', 'card', { id: '0', title: 'not in the state of this server' })
    const { data, position } = await load(port)
    assert.deepEqual([data, position.offset], [[], 1])
    for (const id of ['1', '2'])
      await app.channels.publish('boards/a%2Fb', 'card', { id, title: `between ${id}` })
    const { channel, log } = follow(t, port, position)
    await channel.publish('card', { id: '3', title: 'after' })
    assert.deepEqual(await log.atLeast(3), ['between 1', 'between 2', 'after'])
    // What would be doubled would come before this.
    await channel.publish('card', { id: '4', title: 'end' })
    assert.deepEqual((await log.atLeast(4)).slice(3), ['end'])
    assert.deepEqual(channel.position, { ...position, offset: 5 })
  })

  test('lacks nothing together with what follows it, while others write', async (t) => {
    const { app, cards } = makeBoard()
    const port = await serve(t, app)
    const writer = follow(t, port, await app.position('boards/{board}', { board: 'a/b' })).channel
    const written: Promise<void>[] = []
    const pages: Promise<void>[] = []
    const openPage = async (): Promise<void> => {
      const { data, position } = await load(port)
      const { log } = follow(t, port, position)
      const known = new Set(data.map(({ title }) => title))
      for (let count = 1; !known.has('card 299'); count++) {
        const title = (await log.atLeast(count))[count - 1] as string
        assert.notEqual(title, 'gap')
        known.add(title)
      }
      assert.equal(known.size, 300, 'something is missing')
    }
    for (let n = 0; n < 300; n++) {
      written.push(writer.publish('card', { id: `${n}`, title: `card ${n}` }))
      if (n % 30 === 0) {
        pages.push(openPage())
        await written.at(-1)
      }
    }
    await Promise.all([...written, ...pages])
    assert.equal(cards.size, 300)
  })

  test('is followed by a gap where the server has lost the stream since', async (t) => {
    const first = makeBoard().app
    const server: Server = await first.listen({ host: '127.0.0.1', port: 0 })
    await first.channels.publish('boards/a%2Fb', 'card', { id: '1', title: 'one' })
    const { position } = await load(server.port)
    await server.close()

    const second = makeBoard().app
    const port = await serve(t, second)
    await second.channels.publish('boards/a%2Fb', 'card', {
      id: '2',
      title: 'nobody can tell what was before',
    })
    const { channel, log } = follow(t, port, position)
    await channel.publish('card', { id: '3', title: 'new' })
    assert.deepEqual(await log.atLeast(2), ['gap', 'new'])
  })
})
