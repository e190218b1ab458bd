import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { sqliteBroker } from '../../../../src/brokers/sqlite.ts'
import { bootMark, isThisBoot } from '../../../../src/brokers/sqlite/crash-mark.ts'
import { migrate, MIGRATIONS } from '../../../../src/brokers/sqlite/schema.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'
import { SqliteFiles } from '../../../contract/broker/sqlite-setup.ts'
import { ManualClock } from '../../../contract/broker/manual-clock.ts'

const root = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const folder = mkdtempSync(join(root, 'goweb-sqlite-epochs-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const HISTORY = { size: 10, ttlMs: 60_000 }

/** Publishes, loses the process, makes the file say that this was before the machine was started; whether the epoch is still the same. */
async function keepsEpoch(synchronous: 'normal' | 'full', mark: string | undefined): Promise<boolean> {
  const files = new SqliteFiles()
  const clock = new ManualClock()
  try {
    const first = await files.create({ clock, synchronous }).connect(new Recorder())
    const { offset, epoch } = await first.publish('a', '1', { history: HISTORY })
    files.crash()
    if (mark !== undefined) {
      const db = new DatabaseSync(files.file)
      db.prepare("UPDATE facts SET value = ? WHERE name = 'mark'").run(mark)
      db.close()
    }
    const node = await files.create({ clock, synchronous }).connect(new Recorder())
    const page = await node.history('a', { limit: 10, since: { offset, epoch } }, HISTORY)
    assert.equal(page.complete, page.position.epoch === epoch)
    assert.equal(page.position.offset, 1)
    return page.complete
  } finally {
    await files.close()
  }
}

describe('epochs in the file of a SQLite broker', () => {
  test('stay after the process was lost', async () => {
    assert.equal(await keepsEpoch('normal', undefined), true)
    assert.equal(await keepsEpoch('full', undefined), true)
  })

  test('change after the machine was lost, unless every commit was flushed to the disk', async () => {
    assert.equal(await keepsEpoch('normal', 'another boot'), false)
    assert.equal(await keepsEpoch('full', 'another boot'), true)
  })

  test('stay when the file was closed in order before the machine stopped', async () => {
    assert.equal(await keepsEpoch('normal', ''), true)
  })

  test('are told from those of another boot, by the time of the start where there is no name for it', () => {
    assert.equal(isThisBoot(bootMark()), true)
    assert.equal(isThisBoot('another'), false)
    assert.equal(isThisBoot('@1000'), false)
  })

  test('of channels in which nothing was stored stay too, without a write', async () => {
    const file = join(folder, 'virgin.db')
    const first = await sqliteBroker({ file }).connect(new Recorder())
    const { position } = await first.history('a', { limit: 0 }, HISTORY)
    await first.close()
    const node = await sqliteBroker({ file }).connect(new Recorder())
    assert.deepEqual((await node.history('a', { limit: 0, since: position }, HISTORY)).position, position)
    assert.equal((await node.publish('a', '1', { history: HISTORY })).epoch, position.epoch)
    await node.remove('b')
    assert.notEqual((await node.history('b', { limit: 0 }, HISTORY)).position.epoch, position.epoch)
    await node.close()
    const db = new DatabaseSync(file, { readOnly: true })
    assert.equal(db.prepare('SELECT COUNT(*) AS count FROM streams').get()?.['count'], 2)
    db.close()
  })
})

describe('the schema of a SQLite broker', () => {
  test('is brought to the newest version, all or nothing', () => {
    const db = new DatabaseSync(join(folder, 'old.db'))
    const version = (): unknown => db.prepare('PRAGMA user_version').get()?.['user_version']
    migrate(db, 0)
    assert.equal(version(), MIGRATIONS.length)
    const next = [...MIGRATIONS, 'ALTER TABLE streams ADD COLUMN note TEXT']
    assert.throws(() => migrate(db, MIGRATIONS.length, [...next, 'CREATE TABLE streams (a)']))
    assert.equal(version(), MIGRATIONS.length)
    migrate(db, MIGRATIONS.length, next)
    assert.equal(version(), next.length)
    assert.equal(db.prepare('SELECT COUNT(note) AS count FROM streams').get()?.['count'], 0)
    db.close()
  })
})
