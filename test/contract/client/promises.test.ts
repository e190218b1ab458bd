import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Subscription } from 'goweb/client'
import { Weather, type WeatherOptions } from './weather.ts'

interface Reader {
  readonly subscription: Subscription
  /** Offsets and gaps as they came. */
  readonly log: (number | 'gap')[]
  startOffset: number | undefined
}

/** What became of a session of random operations in bad weather. */
interface Session {
  readonly gaps: number
  readonly delivered: number
  readonly unknown: number
}

/** Runs a session and checks everything that the client promises. */
async function runSession(options: WeatherOptions): Promise<Session> {
  const weather = new Weather(options)
  const { random, clock } = weather
  const clients = Array.from({ length: 3 }, () => weather.connect({ timeoutMs: 3_000 }))
  const readers: Reader[] = []
  const acknowledged: number[] = []
  let sent = 0
  let settled = 0
  let unknown = 0

  const read = (since?: { offset: number; epoch: string }): void => {
    const log: (number | 'gap')[] = []
    const subscription = clients[Math.floor(random() * clients.length)]!.channel(
      'r',
      {},
      { onGap: () => log.push('gap'), ...(since && { since }) },
    )
    const reader: Reader = { subscription, log, startOffset: since?.offset ?? subscription.position?.offset }
    subscription.onStateChange(({ state }) => {
      if (state === 'subscribed') queueMicrotask(() => (reader.startOffset ??= subscription.position?.offset))
    })
    // Some are late.
    clock.after(random() * 300, () => subscription.on((_data, { offset }) => log.push(offset!)))
    readers.push(reader)
  }
  const publish = (): void => {
    const { subscription } = readers[Math.floor(random() * readers.length)]!
    const n = ++sent
    subscription.publish(n).then(
      () => (settled++, acknowledged.push(n)),
      (error: { code: string }) => {
        settled++
        if (error.code === 'PUBLISH_OUTCOME_UNKNOWN') unknown++
        else if (error.code !== 'UNSUBSCRIBED') throw error
      },
    )
  }

  read()
  for (let step = 0; step < 120; step++) {
    const dice = random()
    if (dice < 0.6) publish()
    else if (dice < 0.66) read()
    else if (dice < 0.69) {
      const { position } = readers[Math.floor(random() * readers.length)]!.subscription
      if (position) read({ ...position })
    } else if (dice < 0.71 && readers.length > 1) readers.shift()!.subscription.unsubscribe()
    else if (dice < 0.8) [...weather.lines][Math.floor(random() * weather.lines.size)]?.cut()
    else if (dice < 0.83) {
      const line = [...weather.lines][Math.floor(random() * weather.lines.size)]
      if (line) line.isDead = true
    } else if (dice < 0.86) {
      weather.killServer()
      clock.after(random() * 3_000, () => weather.startServer())
    } else await clock.advance(random() * 800)
    await clock.advance(random() * 60)
    if (weather.node === undefined && random() < 0.5) await clock.advance(3_000)
  }
  await clock.advance(200_000)

  const stored = await weather.stored('r')
  const values = stored.map(({ payload }) => (JSON.parse(payload) as { data: number }).data)
  assert.equal(settled, sent, 'every publish is settled')
  assert.equal(new Set(values).size, values.length, 'nothing is stored twice')
  const isComplete = options.history === undefined
  if (isComplete) {
    assert.deepEqual(
      acknowledged.filter((n) => !values.includes(n)),
      [],
      'what is acknowledged is stored',
    )
  }
  const offsets = stored.map(({ offset }) => offset)
  const last = offsets.at(-1) ?? 0
  /** The offset that comes next; only where it is still known what there was. */
  const next = (offset: number): number | undefined =>
    isComplete ? offsets.find((other) => other > offset) : offset + 1
  let delivered = 0
  for (const { subscription, log, startOffset } of readers) {
    assert.equal(subscription.state, 'subscribed')
    let at = startOffset
    for (const entry of log) {
      if (entry === 'gap') at = undefined
      else {
        if (at !== undefined) assert.equal(entry, next(at), `after ${at} in ${log.join(' ')}`)
        at = entry
        delivered++
      }
    }
    assert.equal(subscription.position?.offset, last)
    if (at !== undefined) assert.equal(at, last, `everything has come, of ${log.join(' ')}`)
  }
  assert.deepEqual(weather.errors, [])
  await weather.end()
  const gaps = readers.flatMap(({ log }) => log).filter((entry) => entry === 'gap').length
  return { gaps, delivered, unknown }
}

async function runSessions(count: number, options: Omit<WeatherOptions, 'seed'>): Promise<Session> {
  const sum = { gaps: 0, delivered: 0, unknown: 0 }
  for (let seed = 1; seed <= count; seed++) {
    try {
      const { gaps, delivered, unknown } = await runSession({ seed, ...options })
      sum.gaps += gaps
      sum.delivered += delivered
      sum.unknown += unknown
    } catch (error) {
      throw Object.assign(error as Error, { seed })
    }
  }
  return sum
}

describe('in bad weather', () => {
  test('everything arrives once, in order, while the history goes back far enough', async () => {
    const sum = await runSessions(25, { lostAcks: 0.1 })
    assert.equal(sum.gaps, 0)
    assert.ok(sum.delivered > 1_000, String(sum.delivered))
  })

  test('everything arrives, page by page, when recoveries are small', async () => {
    const limits = { recoveryPublications: 2, historyPublications: 3 }
    const sum = await runSessions(25, { limits })
    assert.equal(sum.gaps, 0)
  })

  test('everything arrives from a stream whose offsets have holes', async () => {
    const sum = await runSessions(25, { isSparse: true, lostAcks: 0.1, limits: { recoveryPublications: 5 } })
    assert.equal(sum.gaps, 0)
  })

  test('what the history has lost is told as a gap', async () => {
    const sum = await runSessions(25, { history: { size: 5, ttlMs: 86_400_000 } })
    assert.ok(sum.gaps > 0)
  })
})
