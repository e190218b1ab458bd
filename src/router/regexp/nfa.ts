import type { CharacterSet } from './character-set.ts'
import type { RegExpFailure, RegExpTree } from './syntax.ts'

/** Thompson's automaton: states are numbers, each with edges that consume nothing and at most one that does. */
export interface Nfa {
  readonly start: number
  readonly accept: number
  /** By state: where one gets without consuming anything. */
  readonly jumps: readonly (readonly number[])[]
  /** By state: what one may consume, or null. */
  readonly sets: readonly (CharacterSet | null)[]
  /** By state: where consuming leads. */
  readonly targets: readonly number[]
}

/** Bounds what `{n,m}` inside `{n,m}` can unfold to. */
const MAX_STEPS = 5_000

/** Builds the automaton of a syntax tree; fails when it gets too large. */
export function buildNfa(tree: RegExpTree, fail: RegExpFailure): Nfa {
  const jumps: number[][] = []
  const sets: (CharacterSet | null)[] = []
  const targets: number[] = []
  let steps = 0

  function addState(): number {
    sets.push(null)
    targets.push(-1)
    return jumps.push([]) - 1
  }

  /** Appends `node` behind state `from` and gives the state that comes after it. */
  function append(node: RegExpTree, from: number): number {
    if (++steps > MAX_STEPS) fail(0, 'the regular expression is too complex')
    if (node.kind === 'set') return appendSet(node.set, from)
    if (node.kind === 'repeat') return appendRepeat(node, from)
    if (node.kind === 'sequence') return node.items.reduce((state, item) => append(item, state), from)
    const end = addState()
    for (const option of node.options) jumps[append(option, from)]!.push(end)
    return end
  }

  function appendSet(set: CharacterSet, from: number): number {
    // A state has one consuming edge: begin a fresh one.
    const state = addState()
    const next = addState()
    jumps[from]!.push(state)
    sets[state] = set
    targets[state] = next
    return next
  }

  function appendRepeat(node: RegExpTree & { kind: 'repeat' }, from: number): number {
    let state = from
    for (let i = 0; i < node.min; i++) state = append(node.item, state)
    if (node.max === Infinity) {
      const loop = addState()
      jumps[state]!.push(loop)
      jumps[append(node.item, loop)]!.push(loop)
      return loop
    }
    const end = addState()
    for (let i = node.min; i < node.max; i++) {
      jumps[state]!.push(end)
      state = append(node.item, state)
    }
    jumps[state]!.push(end)
    return end
  }

  const start = addState()
  const accept = append(tree, start)
  return { start, accept, jumps, sets, targets }
}
