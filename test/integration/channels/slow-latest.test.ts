// time-out: 900 s
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type LatestSubscription } from 'goweb/client'
import { makeApp, serve } from './served.ts'
import { ThrottledNetwork } from './throttled-network.ts'

// LATEST_SECONDS=60 node --expose-gc --conditions=goweb-source --test test/integration/channels/slow-latest.test.ts
// measures what the short form only shows, and prints it.
const SECONDS = Number(process.env['LATEST_SECONDS'] ?? 2)
const KEYS = 200
const UPDATES_PER_SECOND = 20
/** Less than half of what is published. */
const BYTES_PER_SECOND = 250_000
const FILLER = 'x'.repeat(60)

interface Update {
  readonly key: string
  readonly n: number
  readonly filler: string
}

/** What one subscriber got: how much, and how old each key's value was at most before it was replaced by one at least as new. */
class Observer {
  received = 0
  backwards = 0
  readonly newest = new Map<string, number>()
  worstMs = 0
  /** Times of updates that have not been seen yet, nor a newer one; by key, oldest first. */
  readonly #unseen = new Map<string, { readonly n: number; readonly atMs: number }[]>()
  #wake: () => void = () => {}

  published(key: string, n: number): void {
    const unseen = this.#unseen.get(key)
    const update = { n, atMs: performance.now() }
    if (unseen === undefined) this.#unseen.set(key, [update])
    else unseen.push(update)
  }

  readonly take = (data: unknown): void => {
    const { key, n } = data as Update
    this.received++
    if (n <= (this.newest.get(key) ?? -1)) this.backwards++
    this.newest.set(key, n)
    const unseen = this.#unseen.get(key) ?? []
    while (unseen[0] !== undefined && unseen[0].n <= n) {
      this.worstMs = Math.max(this.worstMs, performance.now() - unseen[0].atMs)
      unseen.shift()
    }
    this.#wake()
  }

  /** Resolves when it has the last value of every key. */
  async hasAll(n: number): Promise<void> {
    const isMissing = (): boolean =>
      this.newest.size < KEYS || [...this.newest.values()].some((newest) => newest < n)
    while (isMissing()) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

async function subscribe(t: TestContext, port: number, observer: Observer): Promise<void> {
  const client = connect(`http://127.0.0.1:${port}`)
  t.after(() => client.close())
  const sub: LatestSubscription = client.channel('updates')
  sub.on(observer.take)
  await new Promise<void>((resolve) =>
    sub.onStateChange(({ state }) => (state === 'subscribed' ? resolve() : undefined)),
  )
}

test(`${KEYS} keys of which each changes ${UPDATES_PER_SECOND} times a second, over a connection that is too slow`, async (t) => {
  const { app } = makeApp(t)
  const typed = app.channel('updates', {
    delivery: 'latest',
    key: (_event, m) => (m as Update).key,
    public: true,
  })
  const port = await serve(t, typed)
  const network = await ThrottledNetwork.open(port, BYTES_PER_SECOND)
  t.after(() => network.close())
  const slow = new Observer()
  const quick = new Observer()
  await subscribe(t, network.port, slow)
  await subscribe(t, port, quick)

  const memory: number[] = []
  let buffered = 0
  const rounds = SECONDS * UPDATES_PER_SECOND
  const beganMs = performance.now()
  for (let n = 0; n < rounds; n++) {
    for (let index = 0; index < KEYS; index++) {
      const key = `k${index}`
      slow.published(key, n)
      quick.published(key, n)
      void typed.channels.publish('updates', { key, n, filler: FILLER })
    }
    buffered = Math.max(buffered, typed.stats().bufferedBytes)
    if (n % UPDATES_PER_SECOND === 0) {
      globalThis.gc?.()
      const { heapUsed, external } = process.memoryUsage()
      memory.push(heapUsed + external)
    }
    await wait(Math.max(0, beganMs + ((n + 1) * 1_000) / UPDATES_PER_SECOND - performance.now()))
  }
  await Promise.all([slow.hasAll(rounds - 1), quick.hasAll(rounds - 1)])

  // How much the quick one gets is a matter of how busy the machine is.
  const published = rounds * KEYS
  assert.ok(quick.received <= published)
  assert.ok(slow.received < (published * 3) / 4, `${slow.received} of ${published}`)
  assert.deepEqual([slow.backwards, quick.backwards], [0, 0])
  assert.equal(network.connections, 1, 'it was never closed')
  assert.equal(typed.stats().socketsClosedForBackpressure, 0)
  assert.ok(buffered < 500_000, `${buffered} bytes were buffered`)
  const megabytes = memory.map((bytes) => Math.round(bytes / 1e6))
  t.diagnostic(
    `${SECONDS} s: of ${published} publications ${slow.received} at the slow one, no key more than ${Math.round(slow.worstMs)} ms behind, ` +
      `${quick.received} at the quick one, no key more than ${Math.round(quick.worstMs)} ms; ` +
      `${Math.round(buffered / 1_000)} kB buffered at most; MB in use each second: ${megabytes.join(' ')}`,
  )
})
