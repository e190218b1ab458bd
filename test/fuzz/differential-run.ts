import { compareVerdicts, type DifferenceRule } from './differential-rules.ts'
import { WsPeer, type GoWebPeer, type Verdict } from './differential-peers.ts'

/** ws refuses a length before it has seen the mask, and a close frame of one byte before that byte: this much later. */
const REST_OF_HEADER = new Uint8Array(5)

/** Counts what came of many streams. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  has(key: string): boolean {
    return this.#counts.has(key)
  }

  toString(): string {
    return [...this.#counts]
      .toSorted(([, one], [, other]) => other - one)
      .map(([key, count]) => `${count} ${key}`)
      .join(', ')
  }
}

/**
 * Compares what both make of a stream; says what came of it.
 *
 * @param open makes a socket, again for a second try.
 * @throws when they differ without a documented reason.
 */
export function judge(
  chunks: readonly Uint8Array[],
  options: { readonly ws: Verdict; readonly rules: readonly DifferenceRule[]; open(): GoWebPeer },
): string {
  const { ws, rules } = options
  const hear = (pieces: readonly Uint8Array[]): Verdict => {
    const peer = options.open()
    for (const chunk of pieces) peer.feed(chunk)
    return peer.finish()
  }
  let goweb = hear(chunks)
  const isPending = ws.end?.kind === 'failed' && goweb.end === undefined
  const stream = Buffer.concat(chunks)
  if (!isPending) return compareVerdicts(stream, { goweb, ws }, rules) ?? `same, ${showEnd(ws)}`
  const longer = hear([...chunks, REST_OF_HEADER])
  if (longer.end?.kind === 'failed') goweb = longer
  return compareVerdicts(stream, { goweb, ws }, rules) ?? 'same, some bytes later'
}

/** What ws makes of a stream in which nothing is deflated. */
export function hearByWs(chunks: readonly Uint8Array[]): Verdict {
  const peer = new WsPeer()
  for (const chunk of chunks) {
    let isHandled = false
    peer.feed(chunk, () => (isHandled = true))
    if (!isHandled) throw new Error('ws did not take a chunk at once')
    if (peer.verdict.end !== undefined) break
  }
  return peer.verdict
}

function showEnd({ end }: Verdict): string {
  return end === undefined ? 'still open' : `${end.kind} with ${end.code}`
}
