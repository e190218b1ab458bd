import { DatabaseSync } from 'node:sqlite'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { MaybePromise } from '../../realtime/broker.ts'
import { isBusy, toBrokerError } from './sqlite-failure.ts'

const POLL_MS = 25

/** The right of one process to a file. */
export interface FileLock {
  release(): void
}

/**
 * Takes the lock of a file, at once if it is free. It is one of the operating system: it ends with the process, however that ends.
 *
 * It is an exclusive transaction on an empty database beside the file: SQLite knows the locks of every platform and runtime, and the file
 * itself stays readable for other programs.
 *
 * @param timeoutMs how long to wait for another process.
 * @throws `BROKER_FILE_LOCKED` when it still has it then; `BROKER_FILE_UNWRITABLE`
 */
export function acquireFileLock(file: string, timeoutMs: number): MaybePromise<FileLock> {
  const lock = tryToLock(file)
  if (lock !== undefined) return lock
  const endMs = performance.now() + timeoutMs
  return new Promise((resolve, reject) => {
    const attempt = (): void => {
      try {
        const late = tryToLock(file)
        if (late !== undefined) resolve(late)
        else if (performance.now() < endMs) setTimeout(attempt, POLL_MS)
        else reject(locked(file, timeoutMs))
      } catch (error) {
        reject(error)
      }
    }
    setTimeout(attempt, Math.min(POLL_MS, timeoutMs))
  })
}

/** Undefined while another has it. */
function tryToLock(file: string): FileLock | undefined {
  const path = `${file}.lock`
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path)
    db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    const held = db
    return { release: () => held.close() }
  } catch (error) {
    db?.close()
    if (isBusy(error)) return undefined
    throw toBrokerError(error, path)
  }
}

function locked(file: string, timeoutMs: number): GoWebError {
  return new GoWebError(
    'BROKER_FILE_LOCKED',
    `Another process has ${file}, and still had it after ${timeoutMs} ms: one process at a time can use it`,
  )
}
