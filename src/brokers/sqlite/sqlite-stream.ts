import type { StreamPosition } from '../../realtime/broker.ts'
import type { NewestValues } from './newest-values.ts'

/** A row of `streams`, with what is known of its publications. */
export interface StreamRow {
  /** 0 as long as it is not in the file. */
  readonly id: number
  readonly serial: number
  readonly top: number
  readonly first: number
  readonly size: number
  readonly ttl_ms: number
  readonly emptied_ms: number | null
}

/** The history of one channel in one epoch: what of it is in memory. Publications are in the file. */
export class SqliteStream {
  readonly name: string
  /** Of its row; 0 until something is stored. */
  id: number
  /** Makes its epoch together with the file's era. */
  readonly serial: number
  readonly epoch: string
  /** Offset of the newest publication ever. */
  top: number
  /** Offset of the oldest publication that may be there; all from here to `top` are. */
  first: number
  /** Rows of the newest publications, as far as they are not in `places` yet: from the offset `recentFrom` on. */
  recent: number[] = []
  recentFrom = 0
  /** How many of them the transaction under way has placed. */
  placing = 0
  /** As many publications as are kept, and for how long, by the newest publish. */
  size: number
  ttlMs: number
  /** Whether the file has it among those without publications. */
  isEmptied: boolean
  /** Whether more is there than is kept, so much that it is being deleted. */
  isTrimming = false
  /** Not before then is it worth while to look for what is too old. */
  nextAgeCheckMs = 0
  /** The newest of each key, once somebody asked for it. */
  newest: NewestValues | undefined
  /** Keys of `newest` in the file; -1 as long as nobody counted. */
  keys = -1
  /** Whether it was removed, or read from the file again. */
  isStale = false

  constructor(name: string, row: StreamRow, era: string) {
    this.name = name
    this.id = row.id
    this.serial = row.serial
    this.epoch = epochOf(era, row.serial)
    this.top = row.top
    this.first = row.first
    this.size = row.size
    this.ttlMs = row.ttl_ms
    this.isEmptied = row.emptied_ms !== null
  }

  /** What a transaction that fails has to put back. */
  save(): SavedStream {
    const { id, top, first, size, ttlMs, isEmptied, isTrimming, nextAgeCheckMs, keys, recentFrom, recent } =
      this
    return {
      recentLength: recent.length,
      fields: { id, top, first, size, ttlMs, isEmptied, isTrimming, nextAgeCheckMs, keys, recentFrom },
    }
  }

  get position(): StreamPosition {
    return { offset: this.top, epoch: this.epoch }
  }
}

/** A stream as it was. */
export interface SavedStream {
  /** How many of `recent` there were. */
  readonly recentLength: number
  readonly fields: Partial<SqliteStream>
}

/** The epoch that clients see. */
export function epochOf(era: string, serial: number): string {
  return `${era}${serial.toString(36)}`
}
