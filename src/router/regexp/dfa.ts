import type { Nfa } from './nfa.ts'
import type { RegExpFailure } from './syntax.ts'

/** The state that nothing leads out of. */
export const DFA_DEAD = 0
/** The state before the first character; no edge leads back to it. */
export const DFA_START = 1

/** A deterministic automaton as tables. */
export interface Dfa {
  /** Number of classes of characters that no edge tells apart. */
  readonly classCount: number
  /** Class by code; that of NUL, which stands for an encoded slash in canonical paths, is that of the slash. */
  readonly asciiClasses: Uint8Array
  /** First code point of each run of code points of one class, sorted. */
  readonly intervalStarts: Uint32Array
  readonly intervalClasses: Uint8Array
  /** Next state by `state * classCount + class`. */
  readonly table: Uint16Array
  /** 1 by accepting state. */
  readonly accepting: Uint8Array
}

const MAX_STATES = 1_024
const MAX_CLASSES = 255
/** Bounds the time of construction: states of the NFA looked at, all in all; within 100 ms. */
const MAX_WORK = 200_000

/** Determinizes an automaton; fails when it gets too large or accepts no value but the empty one. */
export function buildDfa(nfa: Nfa, fail: RegExpFailure): Dfa {
  const alphabet = classify(nfa, fail)
  const { classCount, classesByState } = alphabet
  let work = 0
  const closures = new Closures(nfa, (steps) => {
    work += steps
    if (work > MAX_WORK) fail(0, 'the regular expression is too complex')
  })
  const stateByKey = new Map<string, number>([['', DFA_DEAD]])
  const members: number[][] = [[]]
  const rows: number[][] = [Array.from({ length: classCount }, () => DFA_DEAD)]

  function stateOf(seeds: readonly number[]): number {
    const union = closures.union(seeds)
    const key = union.join(',')
    let state = stateByKey.get(key)
    if (state === undefined) {
      state = members.push(union) - 1
      stateByKey.set(key, state)
    }
    if (state >= MAX_STATES) fail(0, 'the regular expression is too complex')
    return state
  }

  stateOf([nfa.start])
  // The start may be reached again by other ways; it must not, so that its state tells that nothing is consumed.
  stateByKey.clear()
  stateByKey.set('', DFA_DEAD)
  for (let state = DFA_START; state < members.length; state++) {
    const seeds: number[][] = Array.from({ length: classCount }, () => [])
    for (const member of members[state]!) {
      for (const characterClass of classesByState[member]!) seeds[characterClass]!.push(nfa.targets[member]!)
    }
    rows[state] = seeds.map(stateOf)
  }

  const accepting = Uint8Array.from(members, (states) => (states.includes(nfa.accept) ? 1 : 0))
  cutDeadEnds(rows, accepting)
  if (rows[DFA_START]!.every((next) => next === DFA_DEAD)) {
    fail(0, 'the regular expression matches no value')
  }
  return { ...alphabet, table: Uint16Array.from(rows.flat()), accepting }
}

/** Which states matter, those that consume and the accepting one, after consuming. */
class Closures {
  readonly #nfa: Nfa
  readonly #spend: (steps: number) => void
  /** By state: what is reached from it without consuming anything. */
  readonly #reached: number[][] = []
  readonly #marks: Uint32Array
  #mark = 0

  constructor(nfa: Nfa, spend: (steps: number) => void) {
    this.#nfa = nfa
    this.#spend = spend
    this.#marks = new Uint32Array(nfa.jumps.length)
  }

  /** What is reached from any of the states, sorted. */
  union(states: readonly number[]): number[] {
    this.#spend(states.length)
    const closures = states.map((state) => (this.#reached[state] ??= this.#reach(state)))
    if (closures.length === 1) return closures[0]!
    const mark = ++this.#mark
    const union: number[] = []
    for (const closure of closures) {
      this.#spend(closure.length)
      for (const state of closure) {
        if (this.#marks[state] === mark) continue
        this.#marks[state] = mark
        union.push(state)
      }
    }
    return union.toSorted((a, b) => a - b)
  }

  #reach(from: number): number[] {
    const reached = new Set([from])
    for (const state of reached) {
      for (const next of this.#nfa.jumps[state]!) reached.add(next)
    }
    this.#spend(reached.size)
    const matters = (state: number): boolean => this.#nfa.sets[state] !== null || state === this.#nfa.accept
    return [...reached].filter(matters).toSorted((a, b) => a - b)
  }
}

/** Leads every edge into a state that never accepts to state 0, so that a lookup ends early. */
function cutDeadEnds(rows: number[][], accepting: Uint8Array): void {
  const sources: number[][] = rows.map(() => [])
  rows.forEach((row, state) => row.forEach((next) => sources[next]!.push(state)))
  const alive = new Set<number>()
  accepting.forEach((isAccepting, state) => {
    if (isAccepting === 1) alive.add(state)
  })
  for (const state of alive) {
    for (const source of sources[state]!) alive.add(source)
  }
  for (const row of rows) {
    row.forEach((next, characterClass) => {
      if (!alive.has(next)) row[characterClass] = 0
    })
  }
}

type Alphabet = Omit<Dfa, 'table' | 'accepting'> & { readonly classesByState: readonly (readonly number[])[] }

/** Puts code points that all edges treat alike into one class. */
function classify(nfa: Nfa, fail: RegExpFailure): Alphabet {
  const sets = [...new Set(nfa.sets.filter((set) => set !== null))]
  const idBySet = new Map(sets.map((set, id) => [set, id]))
  const starts = [
    ...new Set([0, ...sets.flatMap((set) => set.map((point, i) => (i % 2 === 0 ? point : point + 1)))]),
  ]
  starts.sort((a, b) => a - b)
  const intervalByStart = new Map(starts.map((start, interval) => [start, interval]))
  const signatures: number[][] = starts.map(() => [])
  sets.forEach((set, id) => {
    for (let i = 0; i < set.length; i += 2) {
      const end = intervalByStart.get(set[i + 1]! + 1)!
      for (let interval = intervalByStart.get(set[i]!)!; interval < end; interval++)
        signatures[interval]!.push(id)
    }
  })

  const classByKey = new Map<string, number>()
  const classesBySet = sets.map(() => new Set<number>())
  const intervalClasses = signatures.map((ids) => {
    const key = ids.join(',')
    let characterClass = classByKey.get(key)
    if (characterClass === undefined) classByKey.set(key, (characterClass = classByKey.size))
    for (const id of ids) classesBySet[id]!.add(characterClass)
    return characterClass
  })
  if (classByKey.size > MAX_CLASSES) fail(0, 'the regular expression tells too many characters apart')

  const asciiClasses = new Uint8Array(128)
  for (let code = 0, interval = 0; code < 128; code++) {
    if (starts[interval + 1] === code) interval++
    asciiClasses[code] = intervalClasses[interval]!
  }
  asciiClasses[0] = asciiClasses['/'.charCodeAt(0)]!
  return {
    classCount: classByKey.size,
    asciiClasses,
    intervalStarts: Uint32Array.from(starts),
    intervalClasses: Uint8Array.from(intervalClasses),
    classesByState: nfa.sets.map((set) => (set === null ? [] : [...classesBySet[idBySet.get(set)!]!])),
  }
}
