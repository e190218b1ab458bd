import type { SliceList } from './slice-list.ts'
import type { TopicPart } from './topic-batch.ts'

/**
 * Brings what one socket is to send in one turn into its order of issue.
 *
 * Topic messages of the turn are numbered; a slice sent directly goes before the messages numbered as its mark and higher. Runs of
 * messages are taken whole, so the work grows with the changes between sources, not with the messages.
 *
 * @param direct what was sent to the socket alone.
 * @param parts what it is owed of sealed batches; used up.
 * @param into receives the slices.
 */
export function mergeTurn(direct: SliceList, parts: TopicPart[], into: SliceList): void {
  let nextDirect = 0
  for (;;) {
    const part = takeEarliest(parts)
    if (part === undefined) break
    const sequence = part.batch.sequences[part.next]!
    while (nextDirect < direct.count && direct.marks[nextDirect]! <= sequence)
      addDirect(direct, nextDirect++, into)
    let limit = nextDirect < direct.count ? direct.marks[nextDirect]! : Infinity
    for (const other of parts) {
      if (other === part || other.next >= other.end) continue
      limit = Math.min(limit, other.batch.sequences[other.next]!)
    }
    const until = firstAtOrAfter(part, limit)
    into.add(part.frames.bytes, part.frames.offset(part.next), part.frames.offset(until), 0)
    part.next = until
  }
  while (nextDirect < direct.count) addDirect(direct, nextDirect++, into)
}

function addDirect(direct: SliceList, index: number, into: SliceList): void {
  into.add(direct.buffers[index]!, direct.starts[index]!, direct.ends[index]!, 0)
}

/** The part whose next message was published first; steps over messages that are skipped. */
function takeEarliest(parts: readonly TopicPart[]): TopicPart | undefined {
  let earliest: TopicPart | undefined
  for (const part of parts) {
    while (part.nextSkip < part.skips.length && part.skips[part.nextSkip]! <= part.next) {
      if (part.skips[part.nextSkip++] === part.next) part.next++
    }
    if (part.next >= part.end) continue
    if (earliest === undefined || part.batch.sequences[part.next]! < earliest.batch.sequences[earliest.next]!)
      earliest = part
  }
  return earliest
}

/** Number of the part's first message that is not to go before `limit`, or that is skipped, or its end. */
function firstAtOrAfter(part: TopicPart, limit: number): number {
  const { sequences } = part.batch
  let low = part.next + 1
  let high = Math.min(part.end, part.skips[part.nextSkip] ?? part.end)
  if (high <= low || sequences[high - 1]! < limit) return Math.max(low, high)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sequences[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
