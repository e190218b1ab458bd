import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { GoWebError } from '../../errors/goweb-error.ts'
import { APPLICATION_ID, migrate, MIGRATIONS } from './schema.ts'
import type { SqliteLimits } from './sqlite-limits.ts'

const JOURNAL_LIMIT_BYTES = 32 * 1024 * 1024
const CACHE_KIB = 16 * 1024

/**
 * Opens the file of a broker, or makes it; its schema is then the newest.
 *
 * Whoever calls has its lock. What SQLite throws is thrown on.
 *
 * @throws `BROKER_FILE_INVALID`
 */
export function openDatabase(file: string, limits: SqliteLimits): DatabaseSync {
  const db = new DatabaseSync(file)
  try {
    db.exec(`PRAGMA busy_timeout = 0; PRAGMA cache_size = -${CACHE_KIB}`)
    const version = assertOurs(db, file)
    // Both only hold for a file in which nothing is yet.
    if (version === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL')
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = ${JOURNAL_LIMIT_BYTES};
    `)
    const pageSize = numberOf(db, 'PRAGMA page_size')
    db.exec(`PRAGMA max_page_count = ${Math.floor(Math.min(limits.maxFileBytes / pageSize, 2 ** 32 - 2))}`)
    migrate(db, version)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** @throws `BROKER_FILE_UNWRITABLE` */
export function assertFolder(file: string): void {
  const folder = dirname(file)
  if (existsSync(folder)) return
  throw new GoWebError(
    'BROKER_FILE_UNWRITABLE',
    `The folder ${folder} of the broker's file does not exist: make it`,
  )
}

/** The version of its schema; 0 for a new file. */
function assertOurs(db: DatabaseSync, file: string): number {
  const version = numberOf(db, 'PRAGMA user_version')
  const isNew = numberOf(db, 'SELECT COUNT(*) FROM sqlite_schema') === 0
  if (isNew && version === 0) return 0
  if (numberOf(db, 'PRAGMA application_id') !== APPLICATION_ID) {
    throw new GoWebError('BROKER_FILE_INVALID', `${file} is a database of another program`)
  }
  if (version > MIGRATIONS.length) {
    throw new GoWebError(
      'BROKER_FILE_INVALID',
      `${file} has version ${version} of the schema, and this GoWeb knows ${MIGRATIONS.length}: use a newer one`,
    )
  }
  return version
}

/** The first value of a question's first row. */
export function numberOf(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0])
}
