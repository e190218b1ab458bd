import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { sqliteBroker, type SqliteBrokerOptions } from '../../../../src/brokers/sqlite.ts'
import type { BrokerNode } from '../../../../src/realtime/broker.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'
import { startHolder } from './other-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'goweb-sqlite-file-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

function newFile(): string {
  return join(folder, `${++files}.db`)
}

async function open(file: string, options: Partial<SqliteBrokerOptions> = {}): Promise<BrokerNode> {
  return await sqliteBroker({ file, ...options }).connect(new Recorder())
}

const HISTORY = { size: 10, ttlMs: 60_000 }

async function payloadsIn(node: BrokerNode, channel = 'a'): Promise<string[]> {
  return (await node.history(channel, { limit: 100 }, HISTORY)).publications.map(({ payload }) => payload)
}

describe('sqliteBroker', () => {
  test('refuses options that are none', () => {
    const bad: Record<string, unknown>[] = [
      { file: '' },
      { file: undefined },
      { file: 7 },
      { file: ':memory:' },
      { file: new URL('https://example.org/a.db') },
      { synchronous: 'off' },
      { lockTimeoutMs: -1 },
      { lockTimeoutMs: Infinity },
      { maxFileBytes: 1_000 },
      ...['maxChannels', 'maxFileBytes', 'maxQueueBytes', 'maxKeys'].flatMap((name) =>
        [0, -1, 1.5, Number.NaN, Infinity].map((value) => ({ [name]: value })),
      ),
    ]
    for (const options of bad) {
      assert.throws(() => sqliteBroker({ file: newFile(), ...options }), { code: 'OPTION_INVALID' })
    }
  })

  test('takes a path or the URL of a file, and touches nothing before the first node connects', async () => {
    const file = newFile()
    const broker = sqliteBroker({ file: pathToFileURL(file) })
    assert.equal(existsSync(file), false)
    const node = await broker.connect(new Recorder())
    assert.equal(existsSync(file), true)
    await node.close()
  })

  test('keeps all in one file when it was closed in order', async () => {
    const file = newFile()
    const first = await open(file)
    await first.publish('a', '1', { history: HISTORY })
    await first.close()
    assert.deepEqual([existsSync(`${file}-wal`), existsSync(`${file}-shm`)], [false, false])
    const second = await open(file)
    assert.deepEqual(await payloadsIn(second), ['1'])
    await second.close()
  })

  test('stores what waits when the last node closes, and can be connected to again', async () => {
    const broker = sqliteBroker({ file: newFile() })
    const [one, two] = [await broker.connect(new Recorder()), await broker.connect(new Recorder())]
    const published = ['1', '2', '3'].map(async (payload) => two.publish('a', payload, { history: HISTORY }))
    await one.close()
    await two.close()
    assert.deepEqual(
      (await Promise.all(published)).map(({ offset }) => offset),
      [1, 2, 3],
    )
    const again = await broker.connect(new Recorder())
    assert.deepEqual(await payloadsIn(again), ['1', '2', '3'])
    await again.close()
  })
})

describe('the file of a SQLite broker', () => {
  test('is used by one broker at a time: the next waits for the time that was asked for', async () => {
    const file = newFile()
    const node = await open(file)
    await assert.rejects(open(file, { lockTimeoutMs: 0 }), { code: 'BROKER_FILE_LOCKED' })
    await assert.rejects(open(file, { lockTimeoutMs: 60 }), { code: 'BROKER_FILE_LOCKED' })
    const next = open(file)
    await node.close()
    await (await next).close()
  })

  test('is handed over by a process that closes it, and by one that is killed', async () => {
    const file = newFile()
    for (const end of ['close', 'SIGKILL'] as const) {
      const holder = await startHolder(file)
      try {
        await assert.rejects(open(file, { lockTimeoutMs: 30 }), { code: 'BROKER_FILE_LOCKED' })
        const next = open(file)
        if (end === 'SIGKILL') holder.kill(end)
        else holder.stdin?.write('close\n')
        const node = await next
        assert.deepEqual(await payloadsIn(node), ['"by the other"'])
        const options = { history: HISTORY, idempotency: { key: 'k', windowMs: 60_000 } }
        const repeat = await node.publish('a', '"by the other"', options)
        assert.deepEqual([repeat.offset, repeat.isRepeat], [1, true])
        await node.close()
      } finally {
        holder.kill('SIGKILL')
        if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit')
      }
    }
  })

  test('needs its folder', async () => {
    const file = join(folder, 'missing', 'a.db')
    await assert.rejects(open(file), { code: 'BROKER_FILE_UNWRITABLE', message: /missing/ })
  })

  test('is no folder', async () => {
    const file = newFile()
    mkdirSync(file)
    await assert.rejects(open(file), { code: 'BROKER_FILE_UNWRITABLE' })
  })

  test('is not taken when it is something else, and stays as it was', async () => {
    const file = newFile()
    const text = 'a text that somebody needs\n'.repeat(1_000)
    writeFileSync(file, text)
    await assert.rejects(open(file), { code: 'BROKER_FILE_INVALID' })
    assert.equal(readFileSync(file, 'utf8'), text)

    const other = newFile()
    const db = new DatabaseSync(other)
    db.exec('CREATE TABLE theirs (a)')
    db.close()
    const bytes = readFileSync(other)
    await assert.rejects(open(other), { code: 'BROKER_FILE_INVALID', message: /another program/ })
    assert.deepEqual(readFileSync(other), bytes)
  })

  test('is not taken when a newer version has written it', async () => {
    const file = newFile()
    await (await open(file)).close()
    const db = new DatabaseSync(file)
    db.exec('PRAGMA user_version = 99')
    db.close()
    await assert.rejects(open(file), { code: 'BROKER_FILE_INVALID', message: /version 99/ })
  })

  test('can be opened by the next one after opening it failed', async () => {
    const file = newFile()
    writeFileSync(file, 'no database '.repeat(100))
    const broker = sqliteBroker({ file, lockTimeoutMs: 0 })
    await assert.rejects(async () => broker.connect(new Recorder()), { code: 'BROKER_FILE_INVALID' })
    rmSync(file)
    await (await broker.connect(new Recorder())).close()
  })
})
