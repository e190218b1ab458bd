import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWeb, isGoWebError, type GoWebOptions } from 'goweb'
import { connect, type Client } from 'goweb/client'
import { DeliveryChecker, FaultLab, type FaultLabOptions } from 'goweb/testing'

const LIMITS = { pingIntervalMs: 5_000, pongTimeoutMs: 2_000, presenceTtlMs: 12_000 }

function createApp(options: GoWebOptions = {}) {
  return new GoWeb({ channels: { limits: LIMITS }, ...options })
    .authenticate((c, token) => ({ user: token || (c.header('x-user') ?? '') }))
    .channel('rooms/{room}', {
      delivery: 'replay',
      public: true,
      presence: true,
      history: { size: 100, ttl: '1h' },
    })
    .call('where', {}, (c) => c.connection.user)
}

type App = ReturnType<typeof createApp>

async function openLab(options: Partial<FaultLabOptions<App>> = {}) {
  const lab = new FaultLab<App>({ app: createApp, ...options })
  await lab.start()
  const checker = new DeliveryChecker(lab)
  const join = (
    name: string,
  ): { client: Client<App>; got: unknown[]; publish: (data: unknown) => Promise<void> } => {
    const client = connect<App>('ws://lab/', {
      WebSocket: lab.WebSocket,
      clock: lab.clock,
      timeoutMs: 3_000,
      getToken: () => name,
    })
    const watch = checker.watch(name)
    const room = client.channel('rooms/{room}', { room: 'a' }, { onGap: watch.onGap })
    watch.follow(room)
    const got: unknown[] = []
    room.on((data) => got.push(data))
    return { client, got, publish: (data) => watch.published(data, room.publish(data)) }
  }
  return { lab, checker, join }
}

describe('a fault lab', () => {
  test('connects clients with servers that share a broker', async () => {
    const { lab, checker, join } = await openLab({
      servers: 2,
      seed: 2,
      brokerConditions: { delayMs: 1, jitterMs: 5, bytesPerSecond: Infinity },
    })
    const people = ['ann', 'ben', 'cleo', 'dan'].map(join)
    await lab.clock.advance(1_000)
    assert.ok(lab.servers.every((server) => lab.linksOf(server).length > 0))
    await lab.clock.until(people[0]!.publish('hi'))
    await lab.clock.advance(1_000)
    assert.deepEqual(
      people.map(({ got }) => got),
      Array.from({ length: 4 }, () => ['hi']),
    )
    assert.equal(await lab.clock.until(people[1]!.client.call('where', undefined)), 'ben')
    await lab.clock.until(lab.servers[1]!.app!.channels.publish('rooms/a', 'from the server'))
    assert.deepEqual(await checker.finish(), [])
    assert.deepEqual(people[2]?.got, ['hi', 'from the server'])
    assert.deepEqual(checker.publishes, { pending: 0, stored: 1, unknown: 0, refused: 0 })
  })

  test('gives requests their headers', async () => {
    const lab = new FaultLab({ app: createApp, headers: () => ({ 'x-user': 'eve' }) })
    await lab.start()
    const client = connect<App>('wss://lab/', { WebSocket: lab.WebSocket, clock: lab.clock })
    assert.equal(await lab.clock.until(client.call('where', undefined)), 'eve')
    client.close()
    await lab.clock.advance(1_000)
    assert.deepEqual(lab.links, [])
  })

  test('cuts connections: both ends see it', async () => {
    const { lab, checker, join } = await openLab()
    const { client, got, publish } = join('ann')
    await lab.clock.advance(1_000)
    const states: string[] = []
    client.on('state', ({ state, code }) => states.push(`${state} ${code}`))
    const [link] = lab.links
    link?.cut()
    await lab.clock.advance(100)
    assert.deepEqual([...states], ['connecting 1006'])
    assert.deepEqual(lab.links.includes(link!), false)
    await lab.clock.until(publish('after'))
    assert.deepEqual(await checker.finish(), [])
    assert.deepEqual(got, ['after'])
  })

  for (const direction of ['up', 'down', 'both'] as const) {
    test(`silences connections (${direction}): nobody is told, heartbeats find out`, async () => {
      const { lab, checker, join } = await openLab()
      const { client, got, publish } = join('ann')
      await lab.clock.advance(1_000)
      const [link] = lab.links
      link?.silence(direction)
      await lab.clock.advance(1_000)
      assert.equal(client.state, 'connected')
      const stored = publish('meanwhile')
      await lab.clock.until(stored)
      assert.deepEqual(await checker.finish(), [])
      assert.equal(client.state, 'connected')
      assert.deepEqual(got, ['meanwhile'])
      assert.ok(!lab.links.includes(link!))
    })
  }

  test('holds, delays and slows down, and keeps the order of each connection', async () => {
    const { lab, checker, join } = await openLab()
    const [ann, ben] = [join('ann'), join('ben')]
    await lab.clock.advance(1_000)
    const [first, second] = lab.links
    first?.hold(2_000)
    second?.shape({ delayMs: 500, jitterMs: 0, bytesPerSecond: 100 })
    for (const data of [1, 2, 3]) void ann.publish(data)
    await lab.clock.advance(1_900)
    assert.deepEqual([...ann.got], [])
    await lab.clock.advance(300)
    assert.deepEqual([...ann.got], [1, 2, 3])
    assert.deepEqual([...ben.got], [])
    await lab.clock.advance(10_000)
    assert.deepEqual(ben.got, [1, 2, 3])
    assert.deepEqual(await checker.finish(), [])
  })

  test('loses and repeats replies', async () => {
    const { lab, checker, join } = await openLab()
    const { got, publish } = join('ann')
    await lab.clock.advance(1_000)
    lab.replies = { lost: 1, repeated: 0 }
    let isStored = false
    const stored = (async () => {
      await publish('once')
      isStored = true
    })()
    await lab.clock.advance(2_000)
    assert.equal(isStored, false)
    assert.deepEqual([...got], ['once'])
    lab.replies = { lost: 0, repeated: 1 }
    await lab.clock.until(stored)
    assert.deepEqual(await checker.finish(), [])
    assert.deepEqual(got, ['once'])
  })

  for (const isSilent of [false, true]) {
    test(`crashes servers ${isSilent ? 'without a word' : ''} and starts them again on the same broker`, async () => {
      const { lab, checker, join } = await openLab()
      const { client, got, publish } = join('ann')
      await lab.clock.until(publish('before'))
      const app = lab.servers[0]?.app
      lab.servers[0]?.crash(isSilent)
      assert.equal(lab.servers[0]?.app, undefined)
      await lab.clock.advance(100)
      assert.equal(client.state, isSilent ? 'connected' : 'connecting')
      await lab.clock.advance(20_000)
      assert.equal(client.state, 'connecting')
      const stored = publish('after')
      await lab.start()
      assert.notEqual(lab.servers[0]?.app, app)
      await lab.clock.until(stored)
      assert.deepEqual(await checker.finish(), [])
      assert.deepEqual(got, ['before', 'after'])
      assert.equal(checker.gaps, 0)
    })
  }

  test('stops servers in order, and cuts them off from their broker', async () => {
    const reports: unknown[] = []
    const { lab, checker, join } = await openLab({
      app: () => createApp({ report: (error) => reports.push(error) }),
      servers: 2,
      brokerConditions: { delayMs: 1, jitterMs: 1, bytesPerSecond: Infinity },
    })
    const { client, got, publish } = join('ann')
    await lab.clock.until(publish(1))
    const [used, other] = lab.linksOf(lab.servers[0]!).length > 0 ? [0, 1] : [1, 0]
    const stop = lab.servers[used]?.stop()
    await lab.clock.until(stop!)
    await lab.clock.until(publish(2))
    assert.equal(lab.linksOf(lab.servers[other]!).length, 1)
    lab.servers[other]?.cutBroker()
    const stored = publish(3)
    await lab.clock.advance(5_000)
    assert.deepEqual([...got], [1, 2])
    lab.servers[other]?.mendBroker()
    await lab.clock.until(stored)
    assert.deepEqual(await checker.finish(), [])
    assert.deepEqual(got, [1, 2, 3])
    assert.equal(client.state, 'connected')
    assert.ok(
      reports.length > 0 &&
        reports.every((error) => isGoWebError(error) && error.code === 'BROKER_UNAVAILABLE'),
    )
  })

  test('does the same with the same seed, and something else with another', async () => {
    const run = async (seed: number): Promise<string[]> => {
      const { lab, join } = await openLab({ seed })
      const log: string[] = []
      const began = lab.clock.now()
      lab.watchers.push({
        onUp: (_link, text) => log.push(`${lab.clock.now() - began} > ${text.length}`),
        onDown: (_link, text) => log.push(`${lab.clock.now() - began} < ${text.length}`),
      })
      const { publish } = join('ann')
      void publish(1)
      await lab.clock.advance(20_000)
      return log
    }
    const once = await run(5)
    assert.ok(once.length > 4)
    assert.deepEqual(await run(5), once)
    assert.notDeepEqual(await run(6), once)
  })
})
