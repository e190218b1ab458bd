import type { StreamPosition } from '../protocol/publication.ts'
import { countWithin, encodePublications } from './encode-publications.ts'
import type { KeyedPublication } from './keyed-publication.ts'

/** What a subscriber of a `latest` channel gets at first: as much as fits into the reply, and the rest after it. */
export interface Welcome extends StreamPosition {
  /** JSON array. */
  readonly publications: string
  /** Whether the publications are all values or the first of them; undefined when they are what has changed. */
  readonly snapshot: 'all' | 'begins' | undefined
  /** Comes after the reply, in this order. */
  readonly rest: readonly KeyedPublication[]
  /** Of the channel when it was made: that of the welcome is where its first part ends. */
  readonly channelOffset: number
}

interface PartOptions {
  readonly isSnapshot: boolean
  readonly maxRecovered: number
  readonly maxRecoveredBytes: number
}

/** Puts as much into the reply as it may have. @param publications oldest first. @param position that they lead to. */
export function firstPart(
  publications: readonly KeyedPublication[],
  { epoch, offset }: StreamPosition,
  { isSnapshot, maxRecovered, maxRecoveredBytes }: PartOptions,
): Welcome {
  const fitting = Math.min(maxRecovered, countWithin(publications, maxRecoveredBytes))
  const isAll = fitting >= publications.length
  const part = isAll ? publications : publications.slice(0, fitting)
  return {
    publications: encodePublications(part),
    snapshot: isSnapshot ? (isAll ? 'all' : 'begins') : undefined,
    rest: isAll ? [] : publications.slice(fitting),
    epoch,
    offset: isAll ? offset : (part.at(-1)?.offset ?? 0),
    channelOffset: offset,
  }
}
