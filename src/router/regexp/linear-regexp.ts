import { buildDfa, DFA_DEAD, DFA_START, type Dfa } from './dfa.ts'
import { buildNfa } from './nfa.ts'
import { parseRegExp, type RegExpFailure } from './syntax.ts'

/**
 * A regular expression that looks at each character of a value once.
 *
 * It is compiled to a deterministic automaton, so that no pattern and no value can make it slow, which a
 * backtracking engine cannot promise. It accepts or refuses a value as a whole.
 */
export class LinearRegExp {
  readonly source: string
  readonly #dfa: Dfa

  /** Fails with the offset and the reason where the source is malformed, unsupported or too complex. */
  constructor(source: string, fail: RegExpFailure) {
    this.source = source
    this.#dfa = buildDfa(buildNfa(parseRegExp(source, fail), fail), fail)
  }

  /** Number of states, the dead one included. */
  get stateCount(): number {
    return this.#dfa.accepting.length
  }

  /** Tells whether `text.slice(start, end)`, canonical or decoded, is accepted. */
  accepts(text: string, start: number, end: number): boolean {
    const { asciiClasses, classCount, table } = this.#dfa
    let state: number = DFA_START
    for (let i = start; i < end; i++) {
      const code = text.charCodeAt(i)
      if (code < 128) {
        state = table[state * classCount + asciiClasses[code]!]!
      } else {
        const codePoint = text.codePointAt(i)!
        state = this.step(state, codePoint)
        if (codePoint > 0xffff) i++
      }
      if (state === DFA_DEAD) return false
    }
    return this.isAccepting(state)
  }

  /** The state after one more code point; {@link DFA_DEAD} when nothing can follow that would be accepted. */
  step(state: number, codePoint: number): number {
    const { asciiClasses, classCount, table, intervalStarts, intervalClasses } = this.#dfa
    if (codePoint < 128) return table[state * classCount + asciiClasses[codePoint]!]!
    let low = 0
    let high = intervalStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (intervalStarts[middle]! <= codePoint) low = middle
      else high = middle - 1
    }
    return table[state * classCount + intervalClasses[low]!]!
  }

  /** Tells whether a value may end in this state. */
  isAccepting(state: number): boolean {
    return this.#dfa.accepting[state] === 1
  }
}
