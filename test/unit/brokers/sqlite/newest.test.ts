import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { sqliteBroker } from '../../../../src/brokers/sqlite.ts'
import type { BrokerNode, BrokerPublishOptions } from '../../../../src/realtime/broker.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'

const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const folder = mkdtempSync(join(root, 'goweb-sqlite-newest-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const COUNT = 3_000

function setting(key: string, removed = false): BrokerPublishOptions {
  return { history: { size: 10, ttlMs: 60_000 }, keyed: { key, removed, maxKeys: COUNT } }
}

async function entriesIn(node: BrokerNode): Promise<string[]> {
  return (await node.snapshot('a')).entries.map(({ key, payload, offset }) => `${key} ${payload} ${offset}`)
}

describe('a snapshot of many keys', () => {
  test('is the same from the file as from memory, whatever is published while it is read', async () => {
    const file = join(folder, 'many.db')
    const first = await sqliteBroker({ file }).connect(new Recorder())
    await Promise.all(
      Array.from({ length: COUNT }, async (_, key) => first.publish('a', `${key}`, setting(`k${key}`))),
    )
    const before = await entriesIn(first)
    assert.equal(before.length, COUNT)
    await first.close()

    const node = await sqliteBroker({ file }).connect(new Recorder())
    const [one, two] = [node.snapshot('a'), node.snapshot('a')]
    assert.ok(one instanceof Promise, 'so many are not read at once')
    const changes = [
      node.publish('a', '"changed"', setting('k1')),
      node.publish('a', '"changed late"', setting(`k${COUNT - 1}`)),
      node.publish('a', '"gone"', setting('k2', true)),
      node.publish('a', '"gone late"', setting(`k${COUNT - 2}`, true)),
      node.publish('a', '"new"', setting('new')),
    ]
    for (const change of changes) await change
    const [snapshot, same] = await Promise.all([one, two])
    assert.deepEqual(snapshot.entries, same.entries)
    const late = await entriesIn(node)
    assert.equal(late.length, COUNT - 1)
    assert.ok(late.includes(`k1 "changed" ${COUNT + 1}`))
    await node.close()

    const again = await sqliteBroker({ file }).connect(new Recorder())
    assert.deepEqual(await entriesIn(again), late)
    assert.deepEqual((await again.snapshot('a')).position.offset, COUNT + 5)
    await again.close()
  })

  test('is what was committed when publishing fails while it is read', async () => {
    const file = join(folder, 'failing.db')
    const first = await sqliteBroker({ file }).connect(new Recorder())
    await Promise.all(
      Array.from({ length: COUNT }, async (_, key) => first.publish('a', `${key}`, setting(`k${key}`))),
    )
    const before = await entriesIn(first)
    await first.close()

    const node = await sqliteBroker({ file, maxFileBytes: 1024 * 1024 }).connect(new Recorder())
    const snapshot = node.snapshot('a')
    const large = JSON.stringify('x'.repeat(2_000_000))
    await assert.rejects(async () => node.publish('a', large, setting('k5')), { code: 'BROKER_UNAVAILABLE' })
    assert.equal((await snapshot).entries.length, COUNT)
    assert.deepEqual(await entriesIn(node), before)
    await node.close()
  })
})
