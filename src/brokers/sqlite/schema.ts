import type { DatabaseSync } from 'node:sqlite'

/** Marks a database as GoWeb's (`PRAGMA application_id`): "GoWb". */
export const APPLICATION_ID = 0x476f5762

/**
 * What brings a file from one version of the schema to the next; the version is `PRAGMA user_version`. Never changed, only added to.
 *
 * `publications` is a log: rows are added at its end, whatever their channel, so that a transaction changes few pages; `places` is
 * its index, written later and in order. The offset is counted for each stream without holes, so sizes, places and what is gone can be computed; the payload comes last, so that
 * reading the rest of a row needs no overflow pages.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- A name has one stream that is not removed; removed ones wait for their rows to be deleted.
  -- "top" and "first" count where publications tell less: when the newest, or all of them, are gone.
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    serial INTEGER NOT NULL,
    top INTEGER NOT NULL DEFAULT 0,
    first INTEGER NOT NULL DEFAULT 1,
    size INTEGER NOT NULL DEFAULT 0,
    ttl_ms INTEGER NOT NULL DEFAULT 0,
    removed INTEGER NOT NULL DEFAULT 0,
    emptied_ms INTEGER
  );
  CREATE UNIQUE INDEX streams_by_name ON streams (name) WHERE removed = 0;
  CREATE INDEX streams_by_emptied ON streams (emptied_ms) WHERE emptied_ms IS NOT NULL;

  CREATE TABLE publications (
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    origin TEXT,
    "key" TEXT,
    key_until_ms INTEGER,
    payload TEXT NOT NULL
  );

  -- Where publications are. The newest may be missing: those from the fact "unplaced_from" on are looked through at the start.
  CREATE TABLE places (stream INTEGER, "offset" INTEGER, id INTEGER NOT NULL, PRIMARY KEY (stream, "offset")) WITHOUT ROWID;

  -- Idempotency keys whose publications have left before their window ended.
  CREATE TABLE orphaned_keys (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    serial INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    "key" TEXT NOT NULL
  );

  -- The newest of each key of a stream.
  CREATE TABLE newest (
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "offset" INTEGER NOT NULL,
    origin TEXT,
    payload TEXT NOT NULL
  );
  CREATE UNIQUE INDEX newest_by_key ON newest (stream, "key");
  CREATE INDEX newest_by_place ON newest (stream, "offset");
  `,
]

/** Brings a file to the newest version, all or nothing. */
export function migrate(db: DatabaseSync, version: number, migrations: readonly string[] = MIGRATIONS): void {
  if (version >= migrations.length) return
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const migration of migrations.slice(version)) db.exec(migration)
    db.exec(`PRAGMA user_version = ${migrations.length}; PRAGMA application_id = ${APPLICATION_ID}`)
    db.exec('COMMIT')
  } catch (error) {
    rollBack(db)
    throw error
  }
}

/** Ends a transaction that failed, which SQLite may have done itself. */
export function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK')
  } catch {
    // There is none any more.
  }
}
