import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { sqliteBroker, type SqliteBrokerOptions } from '../../../../src/brokers/sqlite.ts'
import type { BrokerNode, HistoryLimits, StreamPosition } from '../../../../src/realtime/broker.ts'
import { ManualClock } from '../../../contract/broker/manual-clock.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'

const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const folder = mkdtempSync(join(root, 'goweb-sqlite-retention-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

const LONG: HistoryLimits = { size: 1_000_000, ttlMs: 86_400_000 }

async function start(options: Partial<SqliteBrokerOptions> = {}) {
  const file = join(folder, `${++files}.db`)
  const clock = new ManualClock()
  const node = await sqliteBroker({ file, clock, ...options }).connect(new Recorder())
  const count = (sql: string): number => {
    const db = new DatabaseSync(file, { readOnly: true })
    const value = Number(Object.values(db.prepare(sql).get() ?? {})[0])
    db.close()
    return value
  }
  return { file, clock, node, count }
}

/** Publishes numbers, many in a turn; returns the last position. */
async function publish(
  node: BrokerNode,
  channel: string,
  {
    count,
    history,
    text = '',
  }: { readonly count: number; readonly history: HistoryLimits; readonly text?: string },
): Promise<StreamPosition> {
  let last: StreamPosition = { offset: 0, epoch: '' }
  for (let from = 0; from < count; from += 500) {
    const numbers = Array.from({ length: Math.min(500, count - from) }, (_, index) => from + index)
    const outcomes = await Promise.all(
      numbers.map(async (number) => node.publish(channel, `"${number} ${text}"`, { history })),
    )
    const { offset, epoch } = outcomes.at(-1) ?? { offset: 0, epoch: '' }
    last = { offset, epoch }
  }
  return last
}

const ROWS = 'SELECT COUNT(*) FROM publications'

describe('the file of a SQLite broker', () => {
  test('has little more of a busy channel than its history', async () => {
    const { node, count } = await start()
    const history = { size: 100, ttlMs: 86_400_000 }
    await publish(node, 'a', { count: 5_000, history })
    for (let more = 0; more < 30; more++) await node.publish('a', '"more"', { history })
    assert.ok(count(ROWS) < 1_000, `${count(ROWS)} rows`)
    assert.equal((await node.history('a', { limit: 1_000 }, LONG)).publications.length, 100)
    await node.close()
  })

  test('loses what has expired though nobody comes, bit by bit; the position stays', async () => {
    const { node, clock, count } = await start()
    const history = { size: 10_000, ttlMs: 60_000 }
    const last = await publish(node, 'a', { count: 3_000, history })
    await publish(node, 'kept', { count: 10, history: LONG })
    clock.advance(61_000)
    const steps: number[] = []
    for (let step = 0; step < 100 && count(ROWS) > 10; step++) {
      const before = count(ROWS)
      clock.advance(60)
      steps.push(before - count(ROWS))
    }
    assert.equal(count(ROWS), 10)
    assert.ok(Math.max(...steps) <= 1_000, `${Math.max(...steps)} at once`)
    const page = await node.history('a', { limit: 10, since: last }, history)
    assert.deepEqual([page.position, page.complete], [last, true])
    assert.equal((await node.publish('a', '"on"', { history })).offset, last.offset + 1)
    await node.close()
  })

  test('loses a removed channel bit by bit, and its idempotency keys only after their window', async () => {
    const { file, node, clock, count } = await start()
    const idempotency = { key: 'k', windowMs: 60_000 }
    await node.publish('a', '"first"', { history: LONG, idempotency })
    await publish(node, 'a', { count: 2_000, history: LONG })
    for (let key = 0; key < 600; key++) {
      await node.publish('a', '"newest"', {
        history: LONG,
        keyed: { key: `${key}`, removed: false, maxKeys: 1_000 },
      })
    }
    await node.remove('a')
    assert.deepEqual((await node.snapshot('a')).entries, [])
    assert.ok(count(ROWS) > 2_000, 'removing takes no time')
    clock.advance(10_000)
    assert.deepEqual([count(ROWS), count('SELECT COUNT(*) FROM newest')], [0, 0])
    await node.close()

    const next = await sqliteBroker({ file, clock }).connect(new Recorder())
    const repeat = await next.publish('a', '"first"', { history: LONG, idempotency })
    assert.deepEqual([repeat.isRepeat, repeat.offset], [true, 1])
    clock.advance(70_000)
    assert.equal((await next.publish('a', '"first"', { history: LONG, idempotency })).isRepeat, false)
    clock.advance(10_000)
    assert.equal(count('SELECT COUNT(*) FROM orphaned_keys'), 0)
    await next.close()
  })

  test('gives pages back when much of it is free', async () => {
    const { file, node, clock } = await start()
    const history = { size: 100_000, ttlMs: 60_000 }
    await publish(node, 'a', { count: 5_000, history, text: 'x'.repeat(2_000) })
    clock.advance(61_000)
    for (let step = 0; step < 2_000; step++) clock.advance(50)
    await node.close()
    assert.ok(statSync(file).size < 6 * 1024 * 1024, `${statSync(file).size} bytes`)
  })

  test('takes in its log while it is written to, and is one file again when it is closed', async () => {
    const { file, node, clock } = await start()
    let longest = 0
    for (let round = 0; round < 40; round++) {
      await publish(node, `a${round % 7}`, { count: 500, history: LONG, text: 'x'.repeat(1_000) })
      longest = Math.max(longest, statSync(`${file}-wal`).size)
    }
    assert.ok(longest < 24 * 1024 * 1024, `a log of ${longest} bytes`)
    await node.close()
    assert.deepEqual([existsSync(`${file}-wal`), existsSync(`${file}-shm`)], [false, false])
    const next = await sqliteBroker({ file, clock, lockTimeoutMs: 0 }).connect(new Recorder())
    assert.equal((await next.history('a3', { limit: 0 }, LONG)).position.offset, 3_000)
    await next.close()
  })

  test('has no more channels than maxChannels: emptied ones go, others are not given up', async () => {
    const { node, clock } = await start({ maxChannels: 3 })
    const brief = { size: 10, ttlMs: 1_000 }
    const first = await publish(node, 'empty', { count: 1, history: brief })
    await publish(node, 'subscribed', { count: 1, history: brief })
    await node.subscribe('subscribed')
    await publish(node, 'full', { count: 1, history: LONG })
    await assert.rejects(async () => node.publish('new', '1', { history: LONG }), {
      code: 'BROKER_UNAVAILABLE',
    })
    clock.advance(10_000)
    const added = await node.publish('new', '1', { history: LONG })
    assert.equal(added.offset, 1)
    const back = await node.history('empty', { limit: 0, since: first }, LONG)
    assert.deepEqual([back.complete, back.position.offset], [false, 0])
    assert.notEqual(back.position.epoch, first.epoch)
    await assert.rejects(async () => node.publish('empty', '1', { history: LONG }), {
      code: 'BROKER_UNAVAILABLE',
    })
    await node.unsubscribe('subscribed')
    assert.equal((await node.publish('empty', '1', { history: LONG })).offset, 1)
    await node.close()
  })
})
