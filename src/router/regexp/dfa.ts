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
/** Bounds the time of construction: states of the NFA looked at, all in all; some 100 ms. */
const MAX_WORK = 5_000_000

/** Determinizes an automaton; fails when it gets too large or accepts nothing. */
export function buildDfa(nfa: Nfa, fail: RegExpFailure): Dfa {
  const alphabet = classify(nfa, fail)
  const { classCount, classesByState } = alphabet
  const stateByKey = new Map<string, number>([['', 0]])
  const members: number[][] = [[]]
  const rows: number[][] = [Array.from({ length: classCount }, () => 0)]
  let work = 0

  function stateOf(seeds: Iterable<number>): number {
    const closure = close(nfa, seeds)
    work += closure.length
    if (work > MAX_WORK) fail(0, 'the regular expression is too complex')
    const key = closure.join(',')
    let state = stateByKey.get(key)
    if (state === undefined) {
      state = members.push(closure) - 1
      stateByKey.set(key, state)
      if (state >= MAX_STATES) fail(0, 'the regular expression is too complex')
    }
    return state
  }

  stateOf([nfa.start])
  for (let state = 1; state < members.length; state++) {
    const seeds = Array.from({ length: classCount }, () => new Set<number>())
    for (const member of members[state]!) {
      const classes = classesByState[member]!
      work += classes.length
      for (const characterClass of classes) seeds[characterClass]!.add(nfa.targets[member]!)
    }
    rows[state] = seeds.map((targets) => stateOf(targets))
  }

  const accepting = Uint8Array.from(members, (states) => (states.includes(nfa.accept) ? 1 : 0))
  cutDeadEnds(rows, accepting)
  if (accepting[1] === 0 && rows[1]!.every((next) => next === 0)) {
    fail(0, 'the regular expression matches nothing')
  }
  return { ...alphabet, table: Uint16Array.from(rows.flat()), accepting }
}

/** All states that are reached from `seeds` without consuming anything, sorted. */
function close(nfa: Nfa, seeds: Iterable<number>): number[] {
  const reached = new Set(seeds)
  for (const state of reached) {
    for (const next of nfa.jumps[state]!) reached.add(next)
  }
  return [...reached].toSorted((a, b) => a - b)
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
