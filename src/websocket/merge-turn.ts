import type { SliceList } from './slice-list.ts'
import type { TopicPart } from './topic-batch.ts'
import { firstAtOrAfter, nextOfOthers, takeEarliest } from './turn-batch.ts'

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
    const mark = nextDirect < direct.count ? direct.marks[nextDirect]! : Infinity
    const limit = Math.min(mark, nextOfOthers(part, parts))
    const until = firstAtOrAfter(part, limit)
    into.add(part.frames.bytes, part.frames.offset(part.next), part.frames.offset(until), 0)
    part.next = until
  }
  while (nextDirect < direct.count) addDirect(direct, nextDirect++, into)
}

function addDirect(direct: SliceList, index: number, into: SliceList): void {
  into.add(direct.buffers[index]!, direct.starts[index]!, direct.ends[index]!, 0)
}
