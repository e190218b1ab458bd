import type { HistoryLimits, HistoryOptions, HistoryPage } from '../../realtime/broker.ts'
import type { SqliteStore } from './sqlite-store.ts'
import type { SqliteStream } from './sqlite-stream.ts'
import { firstLaterThan } from './trimmer.ts'

interface Reading extends HistoryOptions {
  readonly limits: HistoryLimits
  readonly nowMs: number
}

/** Reads a part of a stream. It costs what the part costs, however much the file has: places are found by index and binary search. */
export function readHistory(store: SqliteStore, stream: SqliteStream, reading: Reading): HistoryPage {
  const { since, limit, reverse = false, limits, nowMs } = reading
  const { position, top } = stream
  if (since !== undefined && (since.epoch !== stream.epoch || since.offset > top)) {
    return { publications: [], position, complete: false, hasMore: false }
  }
  const kept = Math.max(stream.first, top - Math.min(stream.size, limits.size) + 1)
  const timeMs = nowMs - Math.min(stream.ttlMs, limits.ttlMs)
  const first = firstLaterThan(store, stream, { from: kept, timeMs })
  let from = first
  let to = top
  if (since !== undefined && reverse) to = Math.min(top, since.offset - 1)
  else if (since !== undefined) from = Math.max(first, since.offset + 1)
  const there = Math.max(0, to - from + 1)
  const count = Math.min(limit, there)
  const publications = count > 0 ? store.read(stream, { from, to, limit: count, reverse }) : []
  const complete = since === undefined || since.offset >= first - 1
  return { publications, position, complete, hasMore: count < there }
}
