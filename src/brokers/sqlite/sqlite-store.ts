import { randomBytes } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StoredPublication } from '../../realtime/broker.ts'
import { bootMark, isThisBoot } from './crash-mark.ts'
import type { KeyedPublication } from './newest-values.ts'
import { numberOf } from './open-database.ts'
import { rollBack } from './schema.ts'
import { epochOf, type SqliteStream, type StreamRow } from './sqlite-stream.ts'

/** How far a commit goes: into the operating system's cache, or onto the disk. */
export type Synchronous = 'normal' | 'full'

/** A stream as the sweep sees it. */
export interface SweptRow extends StreamRow {
  readonly name: string
  readonly removed: number
}

/** An idempotency key that is still in its window. */
export interface KeyRow {
  readonly id: number
  readonly name: string
  readonly serial: number
  readonly offset: number
  readonly until_ms: number
  readonly key: string
}

/** The key of a publication that may have one. */
export interface PublicationKeyRow extends Omit<KeyRow, 'key' | 'until_ms'> {
  readonly key: string | null
  readonly until_ms: number | null
  readonly at_ms: number
}

/** What is counted in memory and goes back when a transaction fails. */
interface Counters {
  /** Last serial that was given away. */
  serial: number
  /** Serial of the channels that the file does not know. */
  generation: number
  /** The longest window of an idempotency key. */
  maxWindowMs: number
  /** The newest time of a publication: times never fall, so that they can be searched. */
  newestMs: number
  streams: number
  /** Row of the next publication. Never one that was used, even if it is gone. */
  nextId: number
  /** The first row that may not be in `places`. */
  unplacedFrom: number
}

/** The statements on a broker's file. What SQLite throws is thrown on. */
export class SqliteStore {
  /** Random; another one after what was acknowledged may have been lost. */
  readonly era: string
  readonly db: DatabaseSync
  readonly #counters: Counters
  #saved: Counters
  readonly #prepared = new Map<string, StatementSync>()
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #insert: StatementSync
  readonly #place: StatementSync

  constructor(db: DatabaseSync, synchronous: Synchronous) {
    this.db = db
    const fact = (name: string): string | undefined => {
      return db.prepare('SELECT value FROM facts WHERE name = ?').get(name)?.['value'] as string | undefined
    }
    const mark = fact('mark') ?? ''
    const mayHaveLost = mark !== '' && fact('synchronous') === 'normal' && !isThisBoot(mark)
    this.era = (mayHaveLost ? undefined : fact('era')) ?? randomBytes(6).toString('base64url')
    this.#counters = {
      serial: Number(fact('serial') ?? 0),
      generation: Number(fact('generation') ?? 0),
      maxWindowMs: Number(fact('max_window_ms') ?? 0),
      newestMs: numberOf(db, 'SELECT at_ms FROM publications ORDER BY id DESC LIMIT 1') || 0,
      streams: numberOf(db, 'SELECT COUNT(*) FROM streams'),
      nextId: Math.max(
        numberOf(db, 'SELECT MAX(id) FROM publications') + 1,
        Number(fact('unplaced_from') ?? 1),
      ),
      unplacedFrom: Number(fact('unplaced_from') ?? 1),
    }
    this.#saved = { ...this.#counters }
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#insert = db.prepare(
      'INSERT INTO publications (id, stream, "offset", at_ms, origin, "key", key_until_ms, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#place = db.prepare('INSERT INTO places (stream, "offset", id) VALUES (?, ?, ?)')
    this.#placeRest()
    this.#setFacts({ era: this.era, mark: bootMark(), synchronous })
    db.exec(`PRAGMA synchronous = ${synchronous}`)
  }

  get maxWindowMs(): number {
    return this.#counters.maxWindowMs
  }

  get streams(): number {
    return this.#counters.streams
  }

  /** Serial of a channel in which nothing was ever stored. */
  get generation(): number {
    return this.#counters.generation
  }

  get nextId(): number {
    return this.#counters.nextId
  }

  /** From this row on, some may not be in `places`. */
  get unplacedFrom(): number {
    return this.#counters.unplacedFrom
  }

  /** Takes effect with the transaction. */
  set unplacedFrom(id: number) {
    this.#counters.unplacedFrom = id
  }

  /** The time of what is stored at `nowMs`. */
  timeOf(nowMs: number): number {
    this.#counters.newestMs = Math.max(this.#counters.newestMs, nowMs)
    return this.#counters.newestMs
  }

  begin(): void {
    // First, for what is put back when not even this works.
    this.#saved = { ...this.#counters }
    this.#begin.run()
  }

  commit(): void {
    const { serial, generation, maxWindowMs, unplacedFrom } = this.#counters
    if (serial !== this.#saved.serial) this.#setFact('serial', serial)
    if (generation !== this.#saved.generation) this.#setFact('generation', generation)
    if (maxWindowMs !== this.#saved.maxWindowMs) this.#setFact('max_window_ms', maxWindowMs)
    if (unplacedFrom !== this.#saved.unplacedFrom) this.#setFact('unplaced_from', unplacedFrom)
    this.#commit.run()
  }

  /** Ends a transaction that failed. */
  rollBack(): void {
    rollBack(this.db)
    Object.assign(this.#counters, this.#saved)
  }

  /** Says that nothing can be lost any more, and closes the file. */
  close(): void {
    try {
      this.db.exec('PRAGMA synchronous = FULL')
      this.#setFacts({ mark: '' })
      this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      this.db.close()
    }
  }

  // Streams.

  findStream(name: string): StreamRow | undefined {
    const row = this.#get('SELECT * FROM streams WHERE name = ? AND removed = 0', name) as
      | StreamRow
      | undefined
    if (row === undefined) return undefined
    const places = this.placesOf(row.id)
    const top = Math.max(row.top, places.newest)
    return { ...row, top, first: Math.max(row.first, places.oldest === 0 ? top + 1 : places.oldest) }
  }

  /** Offsets of the oldest and the newest publication that are in `places`; 0 where there is none. */
  placesOf(stream: number): { readonly oldest: number; readonly newest: number } {
    const select = (order: 'ASC' | 'DESC'): number => {
      const sql = `SELECT "offset" AS place FROM places WHERE stream = ? ORDER BY "offset" ${order} LIMIT 1`
      return (this.#get(sql, stream)?.['place'] as number | undefined) ?? 0
    }
    return { oldest: select('ASC'), newest: select('DESC') }
  }

  createStream(name: string, serial: number, { size, ttlMs }: { size: number; ttlMs: number }): number {
    const sql = 'INSERT INTO streams (name, serial, size, ttl_ms) VALUES (?, ?, ?, ?)'
    const { lastInsertRowid } = this.#run(sql, name, serial, size, ttlMs)
    this.#counters.streams++
    return Number(lastInsertRowid)
  }

  /** Sets a stream aside: its rows are deleted bit by bit. The name goes on with another serial. */
  replaceStream(id: number, name: string): void {
    if (id !== 0) this.#run('UPDATE streams SET removed = 1, emptied_ms = NULL WHERE id = ?', id)
    this.createStream(name, ++this.#counters.serial, { size: 0, ttlMs: 0 })
  }

  /** Forgets a stream that has nothing left. Channels that the file does not know have another epoch from now on, or its name's would come again. */
  forgetStream(id: number): void {
    this.#run('DELETE FROM streams WHERE id = ?', id)
    this.#counters.streams--
    this.#counters.generation = ++this.#counters.serial
  }

  /** Deletes the row of a stream that was set aside. */
  deleteRemoved(id: number): void {
    this.#run('DELETE FROM streams WHERE id = ?', id)
    this.#counters.streams--
  }

  /** Writes down what its publications do not tell. */
  updateStream(stream: SqliteStream): void {
    const sql = 'UPDATE streams SET top = ?, first = ?, size = ?, ttl_ms = ?, emptied_ms = NULL WHERE id = ?'
    this.#run(sql, stream.top, stream.first, stream.size, stream.ttlMs, stream.id)
  }

  /** Writes down where a stream is that has no publications. */
  keepTop(id: number, top: number): void {
    this.#run('UPDATE streams SET top = ?, first = ? WHERE id = ?', top, top + 1, id)
  }

  markEmptied(id: number, nowMs: number): void {
    this.#run('UPDATE streams SET emptied_ms = ? WHERE id = ?', nowMs, id)
  }

  /** Those that were emptied first. */
  emptiedStreams(limit: number): { readonly id: number; readonly name: string }[] {
    const sql = 'SELECT id, name FROM streams WHERE emptied_ms IS NOT NULL ORDER BY emptied_ms LIMIT ?'
    return this.#all(sql, limit) as unknown as { id: number; name: string }[]
  }

  streamsAfter(id: number, limit: number): SweptRow[] {
    return this.#all(
      'SELECT * FROM streams WHERE id > ? ORDER BY id LIMIT ?',
      id,
      limit,
    ) as unknown as SweptRow[]
  }

  // Publications.

  /** Adds a publication to the log, and to what waits for its place. */
  insert(stream: SqliteStream, publication: StoredPublication, { atMs, key, untilMs }: InsertFacts): void {
    const { offset, origin, payload } = publication
    const id = this.#counters.nextId++
    this.#insert.run(id, stream.id, offset, atMs, origin ?? null, key ?? null, untilMs ?? null, payload)
    if (stream.recent.length === 0) stream.recentFrom = offset
    stream.recent.push(id)
  }

  addPlace(stream: number, offset: number, id: number): void {
    this.#place.run(stream, offset, id)
  }

  /** When it came; undefined when it is not there. */
  timeAt(stream: StreamPlaces, offset: number): number | undefined {
    const recent = stream.recent[offset - stream.recentFrom]
    const row =
      recent === undefined
        ? this.#get(
            'SELECT at_ms FROM publications WHERE id = (SELECT id FROM places WHERE stream = ? AND "offset" = ?)',
            stream.id,
            offset,
          )
        : this.#get('SELECT at_ms FROM publications WHERE id = ?', recent)
    return row?.['at_ms'] as number | undefined
  }

  /** So many publications from one offset to another, both included. */
  read(
    stream: SqliteStream,
    { from, to, limit, reverse }: { from: number; to: number; limit: number; reverse: boolean },
  ): StoredPublication[] {
    const first = reverse ? Math.max(from, to - limit + 1) : from
    const last = reverse ? to : Math.min(to, from + limit - 1)
    const rows = this.#all(
      `SELECT place."offset", origin, payload FROM places AS place JOIN publications USING (id)
       WHERE place.stream = ? AND place."offset" BETWEEN ? AND ? ORDER BY place."offset"`,
      stream.id,
      first,
      stream.recent.length > 0 ? Math.min(last, stream.recentFrom - 1) : last,
    )
    const newest = stream.recent.length > 0 ? last : 0
    for (let offset = Math.max(first, stream.recentFrom); offset <= newest; offset++) {
      const row = this.#get(READ_RECENT, stream.recent[offset - stream.recentFrom]!) // Up to the top all are there.
      if (row !== undefined) rows.push(row)
    }
    if (reverse) rows.reverse()
    return rows.map((row) => toPublication(row as unknown as RowOfPublication, stream.epoch))
  }

  /** Deletes publications that are in `places`; keys that are still in their window stay. Returns how many those are. */
  deletePublications(
    { id, name, serial }: { readonly id: number; readonly name: string; readonly serial: number },
    { from, to, nowMs }: { readonly from: number; readonly to: number; readonly nowMs: number },
  ): number {
    const range = 'stream = ? AND "offset" BETWEEN ? AND ?'
    const moved = this.#run(
      `INSERT INTO orphaned_keys (name, serial, "offset", until_ms, "key")
       SELECT ?, ?, "offset", key_until_ms, "key" FROM publications
       WHERE id IN (SELECT id FROM places WHERE ${range}) AND key_until_ms > ?`,
      name,
      serial,
      id,
      from,
      to,
      nowMs,
    )
    this.#run(`DELETE FROM publications WHERE id IN (SELECT id FROM places WHERE ${range})`, id, from, to)
    this.#run(`DELETE FROM places WHERE ${range}`, id, from, to)
    return Number(moved.changes)
  }

  // Idempotency keys.

  noteWindow(windowMs: number): void {
    this.#counters.maxWindowMs = Math.max(this.#counters.maxWindowMs, windowMs)
  }

  addOrphanedKey(row: Omit<KeyRow, 'id'>): void {
    const sql = 'INSERT INTO orphaned_keys (name, serial, "offset", until_ms, "key") VALUES (?, ?, ?, ?, ?)'
    this.#run(sql, row.name, row.serial, row.offset, row.until_ms, row.key)
  }

  /** Deletes some of the oldest whose window has ended. Returns how many. */
  deleteOrphanedKeys(nowMs: number, limit: number): number {
    const sql = `DELETE FROM orphaned_keys
      WHERE id IN (SELECT id FROM orphaned_keys ORDER BY id LIMIT ?) AND until_ms <= ?`
    return Number(this.#run(sql, limit, nowMs).changes)
  }

  /** Keys of publications, newest first, of those without as well; a page begins below `belowId`. */
  keysBelow(belowId: number, limit: number): PublicationKeyRow[] {
    const sql = `SELECT p.id, s.name, s.serial, p."offset", p.key_until_ms AS until_ms, p."key", p.at_ms
      FROM publications p JOIN streams s ON s.id = p.stream WHERE p.id < ? ORDER BY p.id DESC LIMIT ?`
    return this.#all(sql, belowId, limit) as unknown as PublicationKeyRow[]
  }

  orphanedKeysAfter(id: number, limit: number): KeyRow[] {
    return this.#all(
      'SELECT * FROM orphaned_keys WHERE id > ? ORDER BY id LIMIT ?',
      id,
      limit,
    ) as unknown as KeyRow[]
  }

  // The newest of each key.

  /** Whether the key had a value. */
  setNewest(stream: number, key: string, { offset, origin, payload }: StoredPublication): boolean {
    const update = 'UPDATE newest SET "offset" = ?, origin = ?, payload = ? WHERE stream = ? AND "key" = ?'
    if (this.#run(update, offset, origin ?? null, payload, stream, key).changes !== 0) return true
    const insert = 'INSERT INTO newest ("offset", origin, payload, stream, "key") VALUES (?, ?, ?, ?, ?)'
    this.#run(insert, offset, origin ?? null, payload, stream, key)
    return false
  }

  /** Whether the key had a value. */
  deleteNewest(stream: number, key: string): boolean {
    return this.#run('DELETE FROM newest WHERE stream = ? AND "key" = ?', stream, key).changes !== 0
  }

  countNewest(stream: number): number {
    return this.#get('SELECT COUNT(*) AS count FROM newest WHERE stream = ?', stream)?.['count'] as number
  }

  hasNewest(stream: number): boolean {
    return this.#get('SELECT 1 FROM newest WHERE stream = ? LIMIT 1', stream) !== undefined
  }

  hasKey(stream: number, key: string): boolean {
    return this.#get('SELECT 1 FROM newest WHERE stream = ? AND "key" = ?', stream, key) !== undefined
  }

  readNewest(stream: SqliteStream, afterOffset: number, limit: number): KeyedPublication[] {
    const sql = `SELECT "key", "offset", origin, payload FROM newest
      WHERE stream = ? AND "offset" > ? ORDER BY "offset" LIMIT ?`
    const rows = this.#all(sql, stream.id, afterOffset, limit) as unknown as (RowOfPublication & {
      key: string
    })[]
    return rows.map((row) => Object.assign({ key: row.key }, toPublication(row, stream.epoch)))
  }

  /** Deletes some values of a stream that was set aside. Returns how many. */
  deleteSomeNewest(stream: number, limit: number): number {
    const sql = 'DELETE FROM newest WHERE id IN (SELECT id FROM newest WHERE stream = ? LIMIT ?)'
    return Number(this.#run(sql, stream, limit).changes)
  }

  /** The epoch of a serial. */
  epochOf(serial: number): string {
    return epochOf(this.era, serial)
  }

  /** What an earlier process had in memory only. */
  #placeRest(): void {
    this.begin()
    try {
      const sql = 'INSERT OR IGNORE INTO places SELECT stream, "offset", id FROM publications WHERE id >= ?'
      this.#run(sql, this.unplacedFrom)
      this.unplacedFrom = this.nextId
      this.commit()
    } catch (error) {
      this.rollBack()
      throw error
    }
  }

  #setFacts(facts: Readonly<Record<string, string>>): void {
    this.#begin.run()
    try {
      for (const [name, value] of Object.entries(facts)) this.#setFact(name, value)
      this.#commit.run()
    } catch (error) {
      rollBack(this.db)
      throw error
    }
  }

  #setFact(name: string, value: string | number): void {
    const sql =
      'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value'
    this.#run(sql, name, String(value))
  }

  #get(sql: string, ...values: (string | number | null)[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values)
  }

  #all(sql: string, ...values: (string | number | null)[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values)
  }

  #run(sql: string, ...values: (string | number | null)[]): ReturnType<StatementSync['run']> {
    return this.#statement(sql).run(...values)
  }

  #statement(sql: string): StatementSync {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) this.#prepared.set(sql, (statement = this.db.prepare(sql)))
    return statement
  }
}

const READ_RECENT = 'SELECT "offset", origin, payload FROM publications WHERE id = ?'

/** What leads to the row of an offset. */
export type StreamPlaces = Pick<SqliteStream, 'id' | 'recent' | 'recentFrom'>

interface InsertFacts {
  readonly atMs: number
  readonly key: string | undefined
  readonly untilMs: number | undefined
}

interface RowOfPublication {
  readonly offset: number
  readonly origin: string | null
  readonly payload: string
}

function toPublication({ offset, origin, payload }: RowOfPublication, epoch: string): StoredPublication {
  return { payload, offset, previousOffset: offset - 1, epoch, origin: origin ?? undefined }
}
