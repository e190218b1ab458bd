import type { SqliteStore, StreamPlaces } from './sqlite-store.ts'

/** A stream as far as trimming goes. */
export interface Trimmed extends StreamPlaces {
  readonly name: string
  readonly serial: number
  readonly top: number
  readonly first: number
  readonly size: number
  readonly ttlMs: number
}

/** Offset of the oldest publication that came later than a time; `top + 1` when there is none. Looks from `from` on. */
export function firstLaterThan(
  store: SqliteStore,
  stream: StreamPlaces & { readonly top: number },
  { from, timeMs }: { readonly from: number; readonly timeMs: number },
): number {
  const { top } = stream
  const isLater = (offset: number): boolean => (store.timeAt(stream, offset) ?? -Infinity) > timeMs
  if (from > top || isLater(from)) return Math.min(from, top + 1)
  let low = from + 1
  let high = top + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (isLater(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Deletes what a stream keeps no longer, within a transaction, and never much at once.
 *
 * @param end only below this offset, up to which all are in `places`.
 * @returns the first offset that is left, and how many keys lost their publication.
 */
export function trim(
  store: SqliteStore,
  stream: Trimmed,
  { nowMs, end }: { readonly nowMs: number; readonly end: number },
): { readonly first: number; readonly orphans: number; readonly isDone: boolean } {
  const { first, top, size, ttlMs, id, recent, recentFrom } = stream
  const kept = Math.max(first, top - size + 1)
  // Only as far as can be deleted now; what is later may be too old as well.
  const fresh =
    kept >= end
      ? end
      : firstLaterThan(store, { id, recent, recentFrom, top: end - 1 }, { from: kept, timeMs: nowMs - ttlMs })
  if (fresh <= first) return { first, orphans: 0, isDone: true }
  const orphans = store.deletePublications(stream, { from: first, to: fresh - 1, nowMs })
  return { first: fresh, orphans, isDone: fresh < end || fresh > top }
}
