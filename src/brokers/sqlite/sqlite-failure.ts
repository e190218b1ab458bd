import { GoWebError, isGoWebError } from '../../errors/goweb-error.ts'

// Primary result codes of SQLite (https://sqlite.org/rescode.html).
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

/** Whether somebody else holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  const code = primaryCodeOf(error)
  return code === BUSY || code === LOCKED
}

/** What an error of SQLite means for whoever asked; an error of ours stays as it is. */
export function toBrokerError(error: unknown, file: string): GoWebError {
  if (isGoWebError(error)) return error
  const cause = { cause: error }
  switch (primaryCodeOf(error)) {
    case FULL:
      return new GoWebError(
        'BROKER_UNAVAILABLE',
        `Nothing was stored: the disk of ${file} is full, or the file has reached maxFileBytes; it goes on when there is room`,
        cause,
      )
    case READONLY:
      return new GoWebError('BROKER_FILE_UNWRITABLE', `${file} cannot be written: it is read-only`, cause)
    case CANTOPEN:
      return new GoWebError(
        'BROKER_FILE_UNWRITABLE',
        `${file} cannot be opened: see the rights of the file and its folder`,
        cause,
      )
    case CORRUPT:
      return new GoWebError('BROKER_FILE_INVALID', `${file} is damaged`, cause)
    case NOTADB:
      return new GoWebError('BROKER_FILE_INVALID', `${file} is no SQLite database`, cause)
    case BUSY:
    case LOCKED:
      return new GoWebError(
        'BROKER_UNAVAILABLE',
        `Nothing was stored: another program writes to ${file}, which only its broker may`,
        cause,
      )
    default:
      return new GoWebError('BROKER_UNAVAILABLE', `SQLite failed on ${file}: ${String(error)}`, cause)
  }
}

/** Undefined for errors that are not SQLite's. */
function primaryCodeOf(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}
