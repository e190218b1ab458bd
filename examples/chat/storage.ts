import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Broker } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { sqliteBroker } from 'goweb/brokers/sqlite'

/**
 * Where the rooms are kept: in a SQLite file, so that a server that is killed goes on where it was.
 *
 * @param data path of the file; `memory` keeps nothing. Default: `data/chat.db` beside this file.
 */
export function storage(data: string = join(import.meta.dirname, 'data/chat.db')): Broker {
  if (data === 'memory') return memoryBroker()
  const file = resolve(data)
  mkdirSync(dirname(file), { recursive: true })
  // Long enough for a server that is just being stopped.
  return sqliteBroker({ file, lockTimeoutMs: 10_000 })
}
