/**
 * In which order contenders take their turns in a round, by index.
 *
 * Over the rounds each is at each place equally often, and follows each other equally often (Williams 1949, Latin squares balanced
 * for what the one before leaves behind: a processor that is warm, or has used up what its host grants). All of it once in
 * `count` rounds, or twice as many where their number is odd.
 */
export function turnOrder(count: number, round: number): number[] {
  const order: number[] = []
  for (let i = 0; i < count; i++) {
    // 0, 1, -1, 2, -2, …: every distance between neighbours comes once.
    const step = i % 2 === 1 ? (i + 1) / 2 : -i / 2
    order.push((step + round + count) % count)
  }
  const isMirrored = count % 2 === 1 && Math.floor(round / count) % 2 === 1
  return isMirrored ? order.toReversed() : order
}
