import type { SqliteChannels } from './sqlite-channels.ts'
import type { KeyRow, SqliteStore } from './sqlite-store.ts'

const PAGE = 5_000

/**
 * Reads the idempotency keys that are in their window into memory, where publishes are compared with them.
 *
 * They are in the newest publications, and aside where those have left. Each `next` reads a page; what is taken in between stays right.
 */
export function* loadKeys(store: SqliteStore, channels: SqliteChannels, nowMs: number): Generator<void> {
  const rows: KeyRow[] = []
  let below = Number.MAX_SAFE_INTEGER
  const sinceMs = nowMs - store.maxWindowMs
  while (store.maxWindowMs > 0) {
    const page = store.keysBelow(below, PAGE)
    for (const { id, key, until_ms, at_ms, ...row } of page) {
      below = id
      if (at_ms >= sinceMs && key !== null && until_ms !== null) rows.push({ ...row, id, key, until_ms })
    }
    const last = page.at(-1)
    if (page.length < PAGE || last === undefined || last.at_ms < sinceMs) break
    yield
  }
  rows.reverse()
  let after = 0
  for (;;) {
    const page = store.orphanedKeysAfter(after, PAGE)
    rows.unshift(...page)
    if (page.length < PAGE) break
    after = page.at(-1)?.id ?? after
    yield
  }
  for (const { name, serial, offset, until_ms: untilMs, key } of rows) {
    if (untilMs <= nowMs) continue
    channels.addKey(channels.open(name), key, { offset, epoch: store.epochOf(serial), untilMs })
  }
}
