import assert from 'node:assert/strict'
import { chmodSync, closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { sqliteBroker, type SqliteBrokerOptions } from '../../../../src/brokers/sqlite.ts'
import type { BrokerNode, BrokerPublishOptions } from '../../../../src/realtime/broker.ts'
import { ManualClock } from '../../../contract/broker/manual-clock.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'
import { trySmallDisk } from './small-disk.ts'

const folder = mkdtempSync(join(tmpdir(), 'goweb-sqlite-faults-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

const HISTORY = { size: 1_000_000, ttlMs: 60_000 }
const PAYLOAD_BYTES = 10_000
/** Where a turn found no room, a small publication may still find some; this does not. */
const LARGE = JSON.stringify('x'.repeat(200_000))

async function start(options: Partial<SqliteBrokerOptions> = {}) {
  const file = join(folder, `${++files}.db`)
  const clock = new ManualClock()
  const heard = new Recorder()
  const node = await sqliteBroker({ file, clock, ...options }).connect(heard)
  await node.subscribe('a')
  return { file, clock, heard, node }
}

function payload(number: number): string {
  return JSON.stringify({ number, text: 'x'.repeat(PAYLOAD_BYTES) })
}

function withKey(number: number): BrokerPublishOptions {
  return { history: HISTORY, idempotency: { key: `k${number}`, windowMs: 600_000 } }
}

/** Publishes until it is refused; returns the numbers that were acknowledged, and the first that was not. */
async function publishUntilFull(
  node: BrokerNode,
  from = 0,
): Promise<{ acknowledged: number[]; refused: number[] }> {
  const acknowledged: number[] = []
  for (let first = from; first < from + 10_000; first += 8) {
    const numbers = Array.from({ length: 8 }, (_, index) => first + index)
    const results = await Promise.allSettled(
      numbers.map(async (number) => node.publish('a', payload(number), withKey(number))),
    )
    const refused: number[] = []
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') acknowledged.push(first + index)
      else {
        assert.equal((result.reason as { code?: string }).code, 'BROKER_UNAVAILABLE')
        refused.push(first + index)
      }
    }
    if (refused.length > 0) return { acknowledged, refused }
  }
  assert.fail('it was never full')
}

async function numbersIn(node: BrokerNode): Promise<number[]> {
  const { publications } = await node.history('a', { limit: 1_000_000 }, HISTORY)
  return publications.map((publication) => (JSON.parse(publication.payload) as { number: number }).number)
}

function numbersHeard(heard: Recorder): number[] {
  return heard.payloads('a').map((text) => (JSON.parse(text) as { number: number }).number)
}

/** What was refused is nowhere, and what was acknowledged is everywhere. */
async function checkStored(
  node: BrokerNode,
  heard: Recorder,
  acknowledged: readonly number[],
): Promise<void> {
  assert.deepEqual(await numbersIn(node), acknowledged)
  assert.deepEqual(numbersHeard(heard), acknowledged)
}

describe('a SQLite broker whose file is full', () => {
  test('refuses all of a turn, and goes on once something has expired', async () => {
    const { node, heard, clock } = await start({ maxFileBytes: 512 * 1024 })
    const { acknowledged, refused } = await publishUntilFull(node)
    assert.ok(acknowledged.length > 10)
    assert.equal(refused.length, 8, 'a turn is stored as a whole or not at all')
    await checkStored(node, heard, acknowledged)
    await assert.rejects(async () => node.publish('a', LARGE, { history: HISTORY }), {
      code: 'BROKER_UNAVAILABLE',
      message: /full/,
    })
    // What needs no file goes on.
    await node.publish('a', '{"number":-1}', {})
    assert.equal(numbersHeard(heard).at(-1), -1)

    clock.advance(HISTORY.ttlMs)
    assert.deepEqual(await numbersIn(node), [])
    clock.advance(10_000)
    const [again = 0] = refused
    const outcome = await node.publish('a', payload(again), withKey(again))
    assert.deepEqual([outcome.isRepeat, outcome.offset], [false, acknowledged.length + 1])
    const [known = 0] = acknowledged
    assert.equal((await node.publish('a', payload(known), withKey(known))).isRepeat, true)
    await node.close()
  })

  test('tells publishers of other channels too, and keeps their epochs and offsets right', async () => {
    const { node } = await start({ maxFileBytes: 512 * 1024 })
    const first = await node.publish('b', '1', { history: HISTORY })
    const virgin = (await node.history('c', { limit: 0 }, HISTORY)).position
    await publishUntilFull(node)
    for (const channel of ['b', 'c']) {
      await assert.rejects(async () => node.publish(channel, LARGE, { history: HISTORY }), {
        code: 'BROKER_UNAVAILABLE',
      })
    }
    assert.deepEqual((await node.history('b', { limit: 0 }, HISTORY)).position, {
      offset: first.offset,
      epoch: first.epoch,
    })
    assert.deepEqual((await node.history('c', { limit: 0 }, HISTORY)).position, virgin)
    await node.close()
  })
})

describe('publishes behind one that failed', () => {
  test('fail with it, also those that another transaction would have stored', async () => {
    const { node, heard } = await start({ maxFileBytes: 512 * 1024 })
    const payloads = [LARGE, LARGE, LARGE, ...Array.from({ length: 1_500 }, (_, index) => String(index))]
    const failed: string[] = []
    const results = await Promise.allSettled(
      payloads.map(async (text) => {
        try {
          await node.publish('a', text, { history: HISTORY })
        } catch (error) {
          // Whoever asks for something before all have been told is behind them too.
          if (failed.length === 0)
            await assert.rejects(async () => node.publish('a', '0', { history: HISTORY }))
          failed.push(text)
          throw error
        }
      }),
    )
    assert.deepEqual(new Set(results.map(({ status }) => status)), new Set(['rejected']))
    assert.deepEqual(failed, payloads)
    assert.deepEqual(numbersHeard(heard), [])
    await node.publish('a', '{"number":1}', { history: HISTORY })
    await checkStored(node, heard, [1])
    await node.close()
  })

  test('fail with it where only it was refused for now, but not on other channels', async () => {
    const { node } = await start({ maxKeys: 1 })
    const publish = async (channel: string, id?: string) => {
      const idempotency = id === undefined ? {} : { idempotency: { key: id, windowMs: 1_000 } }
      return node.publish(channel, '{"number":1}', { history: HISTORY, ...idempotency })
    }
    const results = await Promise.allSettled([
      publish('a', 'one'),
      publish('a', 'two'),
      publish('a'),
      publish('b'),
    ])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    )
    await publish('a')
    assert.deepEqual(await numbersIn(node), [1, 1])
    await node.close()
  })
})

describe('a SQLite broker whose disk is full', () => {
  test('loses nothing that it acknowledged, and goes on when there is room', async (t) => {
    const disk = trySmallDisk(4 * 1024 * 1024)
    if (typeof disk === 'string') return t.skip(disk)
    try {
      const file = join(disk.folder, 'a.db')
      const { node, heard } = await start({ file })
      await node.publish('a', payload(0), withKey(0))
      disk.fill()
      const { acknowledged, refused } = await publishUntilFull(node, 1)
      await checkStored(node, heard, [0, ...acknowledged])
      await assert.rejects(
        async () => node.publish('a', payload(refused[0] ?? 0), withKey(refused[0] ?? 0)),
        {
          code: 'BROKER_UNAVAILABLE',
          message: /full/,
        },
      )
      disk.free()
      for (const number of refused)
        assert.equal((await node.publish('a', payload(number), withKey(number))).isRepeat, false)
      await checkStored(node, heard, [0, ...acknowledged, ...refused])
      disk.fill()
      await node.close()
      disk.free()
      const next = await start({ file })
      assert.deepEqual(await numbersIn(next.node), [0, ...acknowledged, ...refused])
      await next.node.close()
    } finally {
      disk.close()
    }
  })
})

describe('a SQLite broker whose file', () => {
  test('is read-only does not start', async (t) => {
    const isRoot = process.getuid?.() === 0
    const disk = isRoot ? trySmallDisk(4 * 1024 * 1024) : undefined
    if (typeof disk === 'string') return t.skip(disk)
    const file = join(disk?.folder ?? folder, 'read-only.db')
    try {
      const { node } = await start({ file })
      await node.publish('a', '1', { history: HISTORY })
      await node.close()
      if (disk === undefined) chmodSync(file, 0o444)
      else disk.makeReadOnly()
      await assert.rejects(start({ file }), { code: 'BROKER_FILE_UNWRITABLE' })
    } finally {
      disk?.close()
    }
  })

  test('is damaged says so, when it starts or when it meets the damage', async () => {
    const { file, node } = await start()
    for (let number = 0; number < 200; number++)
      await node.publish('a', payload(number), { history: HISTORY })
    await node.close()
    const damaged = openSync(file, 'r+')
    const size = fstatSync(damaged).size
    for (let place = 8_192; place < size; place += 4_096)
      writeSync(damaged, Buffer.alloc(3_000, 0xa5), 0, 3_000, place)
    closeSync(damaged)
    await assert.rejects(
      async () => {
        const next = await start({ file })
        try {
          await numbersIn(next.node)
          await next.node.publish('a', '1', { history: HISTORY })
        } finally {
          await next.node.close()
        }
      },
      { code: 'BROKER_FILE_INVALID' },
    )
    // Whoever mends it can do so at once.
    await (await start()).node.close()
  })

  test('is written to by another program refuses until that has ended', async () => {
    const { file, node, heard } = await start()
    await node.publish('a', payload(0), withKey(0))
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    await assert.rejects(async () => node.publish('a', payload(1), withKey(1)), {
      code: 'BROKER_UNAVAILABLE',
      message: /another program/,
    })
    await checkStored(node, heard, [0])
    other.exec('ROLLBACK')
    other.close()
    assert.equal((await node.publish('a', payload(1), withKey(1))).isRepeat, false)
    await checkStored(node, heard, [0, 1])
    await node.close()
  })
})

describe('the queue of a SQLite broker', () => {
  test('is bounded: what is too much is refused, and the rest stored', async () => {
    const { node } = await start({ maxQueueBytes: 50_000 })
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, async (_, number) =>
        node.publish('a', payload(number), { history: HISTORY }),
      ),
    )
    const stored = results.filter(({ status }) => status === 'fulfilled').length
    assert.ok(stored > 0 && stored < 5)
    assert.equal((await numbersIn(node)).length, stored)
    assert.equal((await node.publish('a', payload(9), { history: HISTORY })).offset, stored + 1)
    await node.close()
  })

  test('takes no idempotency key beyond maxKeys until some have passed their window', async () => {
    const { node, clock } = await start({ maxKeys: 2 })
    await node.publish('a', payload(0), withKey(0))
    await node.publish('live', payload(1), { idempotency: { key: 'k', windowMs: 600_000 } })
    await assert.rejects(async () => node.publish('a', payload(2), withKey(2)), {
      code: 'BROKER_UNAVAILABLE',
    })
    await assert.rejects(async () => node.publish('live', '2', { idempotency: { key: 'l', windowMs: 1 } }), {
      code: 'BROKER_UNAVAILABLE',
    })
    await node.publish('a', payload(3), { history: HISTORY })
    clock.advance(602_000)
    assert.equal((await node.publish('a', payload(2), withKey(2))).isRepeat, false)
    await node.close()
  })
})
