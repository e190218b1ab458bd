import assert from 'node:assert/strict'
import { DatabaseSync, StatementSync, type SQLInputValue } from 'node:sqlite'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import type { BrokerNode, BrokerPublishOptions, StreamPosition } from '../../../../src/realtime/broker.ts'
import { ManualClock } from '../../../contract/broker/manual-clock.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'
import { SqliteFiles } from '../../../contract/broker/sqlite-setup.ts'
import { fuzzOptions } from '../../../fuzz/fuzz-options.ts'

const CHANNELS = { a: 4, b: 50, c: 1_000 } as const
type Channel = keyof typeof CHANNELS
const TTL_MS = 1_000_000
const WINDOW_MS = 10_000_000

/** Where a transaction fails: nowhere, before it has begun since another program writes, or when all has been done but the last. */
type Failing = 'no' | 'begin' | 'commit'

let isDiskFull = false
// oxlint-disable-next-line typescript/unbound-method -- called with its statement below
const runStatement = StatementSync.prototype.run
StatementSync.prototype.run = function (this: StatementSync, ...values: SQLInputValue[]) {
  if (isDiskFull && this.sourceSQL === 'COMMIT') throw Object.assign(new Error('full'), { errcode: 13 })
  return runStatement.apply(this, values as never)
} as typeof runStatement
after(() => {
  StatementSync.prototype.run = runStatement
})

interface Publishing {
  readonly channel: Channel
  readonly key: number | undefined
  readonly item: string | undefined
  readonly isRemoved: boolean
}

type Step =
  | { readonly kind: 'turn'; readonly fails: Failing; readonly publishes: readonly Publishing[] }
  | { readonly kind: 'remove'; readonly fails: Failing; readonly channel: Channel }
  | { readonly kind: 'crash' | 'close' | 'sweep' }

const channel = fc.constantFrom<Channel>('a', 'b', 'c')
const fails = fc.constantFrom<Failing>('no', 'no', 'begin', 'commit')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('turn' as const),
      fails,
      publishes: fc.array(
        fc.record({
          channel,
          key: fc.option(fc.nat({ max: 20 }), { nil: undefined }),
          item: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
          isRemoved: fc.boolean(),
        }),
        { minLength: 1, maxLength: 12 },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), fails, channel }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'close' as const, 'sweep' as const) }),
  },
)

/** What a channel must have. */
class Shadow {
  payloads: string[] = []
  items = new Map<string, string>()
  epoch: string | undefined
  readonly keys = new Map<number, StreamPosition>()
}

class Run {
  readonly #files = new SqliteFiles()
  readonly #clock = new ManualClock()
  readonly #shadows = { a: new Shadow(), b: new Shadow(), c: new Shadow() }
  readonly #heard = { a: [] as string[], b: [] as string[], c: [] as string[] }
  #recorder = new Recorder()
  #node: BrokerNode | undefined
  #count = 0

  async run(steps: readonly Step[]): Promise<void> {
    try {
      await this.#connect()
      for (const one of steps) {
        await this.#step(one)
        await this.#check()
      }
    } finally {
      await this.#files.close()
    }
  }

  async #connect(): Promise<void> {
    this.#recorder = new Recorder()
    this.#recorder.onEach = (name, { payload }) => this.#heard[name as Channel].push(payload)
    this.#node = await this.#files.create({ clock: this.#clock }).connect(this.#recorder)
    for (const name of Object.keys(CHANNELS)) await this.#node.subscribe(name)
  }

  async #step(one: Step): Promise<void> {
    const node = this.#node
    assert.ok(node)
    switch (one.kind) {
      case 'sweep':
        return this.#clock.advance(3_000)
      case 'crash':
        this.#files.crash()
        return await this.#connect()
      case 'close':
        await node.close()
        return await this.#connect()
      case 'remove': {
        const removing = this.#failing(one.fails, async () => node.remove(one.channel))
        const [result] = await Promise.allSettled([removing])
        assert.equal(result.status, one.fails === 'no' ? 'fulfilled' : 'rejected')
        if (one.fails !== 'no') return
        const shadow = this.#shadows[one.channel]
        shadow.payloads = []
        shadow.items.clear()
        shadow.epoch = undefined
        return
      }
      case 'turn':
        return await this.#turn(node, one.publishes, one.fails)
    }
  }

  async #turn(node: BrokerNode, publishes: readonly Publishing[], failing: Failing): Promise<void> {
    const numbered = publishes.map((publishing) => ({ ...publishing, payload: `${++this.#count}` }))
    const results = await this.#failing(failing, () =>
      Promise.allSettled(
        numbered.map(async ({ channel: name, key, item, isRemoved, payload }) => {
          const options: BrokerPublishOptions = {
            history: { size: CHANNELS[name], ttlMs: TTL_MS },
            ...(key !== undefined && { idempotency: { key: `${key}`, windowMs: WINDOW_MS } }),
            ...(item !== undefined && { keyed: { key: item, removed: isRemoved, maxKeys: 10 } }),
          }
          return await node.publish(name, payload, options)
        }),
      ),
    )
    for (const [index, result] of results.entries()) {
      const { channel: name, key, item, isRemoved, payload } = numbered[index]!
      const shadow = this.#shadows[name]
      const known = key === undefined ? undefined : shadow.keys.get(key)
      if (known !== undefined) {
        assert.ok(result.status === 'fulfilled', 'what was stored before is known')
        assert.deepEqual({ ...result.value }, { ...known, isRepeat: true })
        continue
      }
      assert.equal(result.status, failing === 'no' ? 'fulfilled' : 'rejected')
      if (result.status === 'rejected') continue
      const { offset, epoch, isRepeat } = result.value
      assert.equal(isRepeat, false)
      shadow.payloads.push(payload)
      assert.equal(offset, shadow.payloads.length)
      shadow.epoch ??= epoch
      assert.equal(epoch, shadow.epoch)
      if (key !== undefined) shadow.keys.set(key, { offset, epoch })
      if (item !== undefined) shadow.items.delete(item)
      if (item !== undefined && !isRemoved) shadow.items.set(item, payload)
      assert.equal(this.#heard[name].shift(), payload)
    }
  }

  async #failing<T>(failing: Failing, action: () => Promise<T>): Promise<T> {
    if (failing === 'no') return await action()
    const other = new DatabaseSync(this.#files.file)
    isDiskFull = failing === 'commit'
    if (failing === 'begin') other.exec('BEGIN IMMEDIATE')
    try {
      return await action()
    } finally {
      isDiskFull = false
      other.close()
    }
  }

  async #check(): Promise<void> {
    const node = this.#node
    assert.ok(node)
    for (const name of Object.keys(CHANNELS) as Channel[]) {
      const { payloads, items, epoch } = this.#shadows[name]
      const limits = { size: CHANNELS[name], ttlMs: TTL_MS }
      const page = await node.history(name, { limit: 1_000 }, limits)
      assert.deepEqual(
        page.publications.map(({ payload }) => payload),
        payloads.slice(-limits.size),
      )
      assert.equal(page.position.offset, payloads.length)
      if (epoch !== undefined) assert.equal(page.position.epoch, epoch)
      const { entries } = await node.snapshot(name)
      assert.deepEqual(
        entries.map(({ key, payload }) => [key, payload]),
        [...items],
      )
      assert.deepEqual(this.#heard[name], [], 'nothing is delivered that is not acknowledged')
    }
  }
}

test('a SQLite broker whose transactions fail and whose process ends has what it acknowledged, and nothing else', async () => {
  const runs = Number(process.env['SQLITE_RUNS'] ?? 40)
  const steps = fc.array(step, { maxLength: 40, size: 'max' })
  await fc.assert(
    fc.asyncProperty(steps, (list) => new Run().run(list)),
    fuzzOptions(runs),
  )
})
