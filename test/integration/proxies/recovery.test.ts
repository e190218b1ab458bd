import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { ConnectingContext, PublicationContext, SubscribedContext, Subscription } from 'centrifuge'
import { GoWeb, type Server } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { connect } from 'goweb/client'
import { unusedPort } from '../browser/unused-port.ts'
import { Collected, officialClient } from '../centrifuge/official-client.ts'
import { Log, reached } from '../client/served.ts'
import { startCaddy } from './caddy-process.ts'
import { NginxProcess, type NginxOptions } from './nginx-process.ts'
import { PROXIES } from './proxies.ts'
import type { RunningProxy } from './running-proxy.ts'

/** The processes of an app that share a broker; one after the other, or side by side. */
class Upstreams {
  readonly ports: readonly number[]
  readonly #broker = memoryBroker()
  readonly #servers = new Map<number, { app: ReturnType<typeof makeApp>; server: Server }>()

  private constructor(ports: readonly number[]) {
    this.ports = ports
  }

  static async open(t: TestContext, count = 1): Promise<Upstreams> {
    const upstreams = new Upstreams(await Promise.all(Array.from({ length: count }, unusedPort)))
    await upstreams.start(0)
    t.after(async () => {
      for (const { server } of upstreams.#servers.values()) await server.close(0)
    })
    return upstreams
  }

  get addresses(): string[] {
    return this.ports.map((port) => `127.0.0.1:${port}`)
  }

  async start(index: number): Promise<void> {
    const port = this.ports[index]!
    const app = makeApp(this.#broker)
    this.#servers.set(port, { app, server: await app.listen({ port, host: '127.0.0.1' }) })
  }

  async stop(index: number): Promise<void> {
    const port = this.ports[index]!
    await this.#servers.get(port)?.server.drain()
    this.#servers.delete(port)
  }

  /** Publishes from the server's side, on whichever process there is. */
  async publish(data: number): Promise<void> {
    const [some] = this.#servers.values()
    await some!.app.channels.publish('open/a', data)
  }
}

function makeApp(broker: ReturnType<typeof memoryBroker>) {
  return new GoWeb({ broker })
    .get('/hello', () => 'hello')
    .post('/hello', async (c) => c.text(await c.body.text()))
    .channel('open/{name}', { delivery: 'replay', public: true })
}

/** The official client behind a proxy, with what it is told. */
class Reader {
  readonly subscribed: Collected<SubscribedContext>
  readonly connecting: Collected<ConnectingContext>
  readonly #received: Collected<PublicationContext>

  private constructor(client: object, sub: Subscription) {
    this.connecting = new Collected(client, 'connecting')
    this.subscribed = new Collected(sub, 'subscribed')
    this.#received = new Collected(sub, 'publication')
  }

  static async open(t: TestContext, proxy: RunningProxy): Promise<Reader> {
    const { client } = officialClient(t, proxy.port)
    const sub = client.newSubscription('open/a')
    const reader = new Reader(client, sub)
    sub.subscribe()
    client.connect()
    await reader.subscribed.until(1)
    return reader
  }

  /** Waits until it has been away so many times in all, without having missed anything. */
  async recovered(times: number): Promise<void> {
    const all = await this.subscribed.until(times + 1)
    for (const context of all.slice(1)) {
      assert.deepEqual([context.wasRecovering, context.recovered], [true, true])
    }
  }

  async received(...numbers: readonly number[]): Promise<void> {
    await this.#received.until(numbers.length)
    assert.deepEqual(
      this.#received.all.map(({ data }) => data),
      numbers,
    )
  }
}

for (const [name, startProxy] of Object.entries(PROXIES)) {
  describe(`behind ${name}, the official client`, () => {
    test('is sent away by an app that stops, and goes on when it is there again', async (t) => {
      const upstreams = await Upstreams.open(t)
      const proxy = await startProxy({ upstreams: upstreams.addresses })
      t.after(() => proxy.stop())
      const reader = await Reader.open(t, proxy)
      await upstreams.publish(1)
      await reader.received(1)
      await upstreams.stop(0)
      const [, shutdown] = await reader.connecting.until(2)
      assert.deepEqual([shutdown?.code, shutdown?.reason], [3001, 'shutdown'])
      const asked = fetch(`${proxy.url}/hello`)
      // nginx says that there is nobody to ask, Caddy has the request wait.
      if (name === 'nginx') assert.equal((await asked).status, 502)
      await upstreams.start(0)
      if (name === 'caddy') assert.equal((await asked).status, 200)
      await upstreams.publish(2)
      await reader.recovered(1)
      await upstreams.publish(3)
      await reader.received(1, 2, 3)
    })

    test('loses its connection when the proxy is restarted, and goes on through the new one', async (t) => {
      const upstreams = await Upstreams.open(t)
      const first = await startProxy({ upstreams: upstreams.addresses })
      t.after(() => first.stop())
      const reader = await Reader.open(t, first)
      await upstreams.publish(1)
      await reader.received(1)
      await first.stop()
      await reader.connecting.until(2)
      await upstreams.publish(2)
      const second = await startProxy({ upstreams: upstreams.addresses, port: first.port })
      t.after(() => second.stop())
      await reader.recovered(1)
      await upstreams.publish(3)
      await reader.received(1, 2, 3)
    })

    test('goes on at another process when its own stops, without sticky sessions', async (t) => {
      const upstreams = await Upstreams.open(t, 2)
      const proxy = await startProxy({ upstreams: upstreams.addresses })
      t.after(() => proxy.stop())
      const reader = await Reader.open(t, proxy)
      const sent: number[] = []
      for (let round = 1; round <= 4; round++) {
        const [running, other] = round % 2 === 1 ? ([0, 1] as const) : ([1, 0] as const)
        await upstreams.start(other)
        await upstreams.stop(running)
        await reader.connecting.until(round + 1)
        await upstreams.publish(round)
        sent.push(round)
        await reader.recovered(round)
        await reader.received(...sent)
      }
    })
  })
}

describe('requests while one process after the other is replaced', () => {
  /** Keeps asking both processes of an app, and collects the answers. */
  async function answersOf(t: TestContext, proxy: RunningProxy, upstreams: Upstreams, ...methods: string[]) {
    t.after(() => proxy.stop())
    const answers = new Log()
    const over = new AbortController()
    const ask = async (method: string): Promise<void> => {
      while (!over.signal.aborted) {
        const response = await fetch(`${proxy.url}/hello`, method === 'GET' ? {} : { method, body: 'hello' })
        answers.add(`${method} ${response.status} ${await response.text()}`)
      }
    }
    const asking = methods.map(ask)
    for (const index of [0, 1, 0]) {
      await answers.atLeast(answers.entries.length + 10)
      await upstreams.stop(index)
      await answers.atLeast(answers.entries.length + 10)
      await upstreams.start(index)
    }
    over.abort()
    await Promise.all(asking)
    const all = new Set(answers.entries)
    // Why one failed is only known to the proxy.
    if (all.size > new Set(methods).size) for (const line of proxy.log) t.diagnostic(line)
    return all
  }

  const endsIdle = process.versions['bun'] !== undefined && 'Bun ends idle connections at once'

  test('all succeed behind nginx', { skip: endsIdle }, async (t) => {
    const upstreams = await Upstreams.open(t, 2)
    await upstreams.start(1)
    // Without this, nginx leaves the one that was replaced alone until the other is gone, too.
    const servers = upstreams.addresses.map((address) => `${address} max_fails=0`)
    const nginx = await NginxProcess.start({ upstreams: servers })
    const answers = await answersOf(t, nginx, upstreams, 'GET', 'GET', 'POST', 'POST')
    assert.deepEqual(answers, new Set(['GET 200 hello', 'POST 200 hello']))
  })

  test('all succeed behind Caddy, which can repeat those without a body', async (t) => {
    const upstreams = await Upstreams.open(t, 2)
    await upstreams.start(1)
    const caddy = await startCaddy({ upstreams: upstreams.addresses })
    const answers = await answersOf(t, caddy, upstreams, 'GET', 'GET', 'GET')
    assert.deepEqual(answers, new Set(['GET 200 hello']))
  })
})

describe('nginx -s reload', () => {
  async function startNginx(t: TestContext, options: NginxOptions): Promise<NginxProcess> {
    const nginx = await NginxProcess.start(options)
    t.after(() => nginx.stop())
    return nginx
  }

  test('leaves connections to the old workers, and gives new ones to the new', async (t) => {
    const upstreams = await Upstreams.open(t)
    const nginx = await startNginx(t, { upstreams: upstreams.addresses })
    const old = await Reader.open(t, nginx)
    await nginx.reload()
    const fresh = await Reader.open(t, nginx)
    await upstreams.publish(1)
    await old.received(1)
    await fresh.received(1)
    assert.equal(old.connecting.all.length, 1)
  })

  test('ends connections of the old workers after worker_shutdown_timeout, and their clients go on', async (t) => {
    const upstreams = await Upstreams.open(t)
    const directives = { worker_shutdown_timeout: '1s' }
    const nginx = await startNginx(t, { upstreams: upstreams.addresses, directives })
    const reader = await Reader.open(t, nginx)
    const client = connect(nginx.url, { minReconnectDelayMs: 10, maxReconnectDelayMs: 50 })
    t.after(() => client.close())
    const log = new Log()
    const room = client.channel('open/{name}', { name: 'a' }, { onGap: () => log.add('gap') })
    room.on(log.add)
    await room.publish(1)
    await reader.received(1)
    await log.atLeast(1)
    const lost = reached(client, 'connecting')
    await nginx.reload()
    await Promise.all([lost, reader.connecting.until(2)])
    await upstreams.publish(2)
    await reader.recovered(1)
    await reader.received(1, 2)
    assert.deepEqual(await log.atLeast(2), [1, 2])
  })
})
