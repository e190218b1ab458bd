import * as layout from './flat-tree.ts'
import type { FlatTree, NodeExtra } from './flat-tree.ts'
import type { Leaf } from './leaf.ts'
import { SUSPECT_CODES } from './path.ts'
import { MAX_PARAMS } from './pattern.ts'
import type { RouteEntry } from './route-entry.ts'
import type { RequestFacts } from './route.ts'

// V8 folds the constants of a module into optimized code, but not those that it imports: a fifth of a lookup.
const { SIZES, FIRST_CODE, LEAF, PARAM, REST, EXTRA, TEXT, ROOT } = layout
const SUSPECTS = SUSPECT_CODES
const SLASH = 47
const DOT = 46
const NONE: readonly never[] = []
/** As SUSPECT_CODES, and bits of their own for the dot and, one to the left, the slash. */
const CHARACTERS = Uint8Array.from(SUSPECT_CODES)
CHARACTERS[DOT] = 2
CHARACTERS[SLASH] = 4

/** Collects leaves instead of asking them for a route. */
type Collector<T> = Leaf<T>[] | null

/** Searches a tree: the most specific route first, less specific ones where that one fails. */
export class TreeWalk<T> {
  /** Start and end in the path of each value, in turn, of the route found last. */
  readonly bounds: number[] = Array.from({ length: 2 * MAX_PARAMS }, () => 0)
  /** Whether a value looked at may make the path malformed or not canonical. */
  isSuspect = false
  /** Whether a pattern fits the path, but no route of it the method and conditions. */
  isBlocked = false
  /** Up to where the path was compared or inspected. */
  reached = 0
  readonly #cells: Int32Array
  readonly #units: Uint16Array
  readonly #leaves: readonly Leaf<T>[]
  readonly #soleEntries: readonly (RouteEntry<T> | null)[]
  readonly #extras: readonly NodeExtra<T>[]
  #collector: Collector<T> = null

  constructor({ cells, units, leaves, soleEntries, extras }: FlatTree<T>) {
    this.#cells = cells
    this.#units = units
    this.#leaves = leaves
    this.#soleEntries = soleEntries
    this.#extras = extras
  }

  /** Finds the route for a method and path. */
  find(method: string, path: string, facts: RequestFacts): RouteEntry<T> | null {
    this.isSuspect = false
    this.isBlocked = false
    this.reached = 0
    return this.#visit(method, path, facts, ROOT, 0, 0)
  }

  /** Collects the leaves of all patterns that fit a path, the most specific first. */
  collect(path: string, facts: RequestFacts): Leaf<T>[] {
    const leaves: Leaf<T>[] = []
    this.#collector = leaves
    this.#visit('', path, facts, ROOT, 0, 0)
    this.#collector = null
    return leaves
  }

  #visit(
    method: string,
    path: string,
    facts: RequestFacts,
    from: number,
    start: number,
    count: number,
  ): RouteEntry<T> | null {
    const cells = this.#cells
    let node = from
    let position = start
    let at = count
    while (position < path.length) {
      const param = cells[node + PARAM]!
      const rest = cells[node + REST]!
      const extra = cells[node + EXTRA]!
      const child = this.#child(node, path.charCodeAt(position))
      if (child !== 0) {
        const length = cells[child + SIZES]! & 0xffff
        if (length === 1 || this.#hasText(child, length, path, position)) {
          if ((param | rest | extra) === 0) {
            node = child
            position += length
            continue
          }
          const entry = this.#visit(method, path, facts, child, position + length, at)
          if (entry !== null) return entry
        }
      }
      if ((rest | extra) !== 0) {
        if ((param | extra) !== 0) return this.#visitOthers(method, path, facts, node, position, at)
        return this.#visitRest(method, path, facts, rest, position, at)
      }
      const end = param === 0 ? position : this.#segmentEnd(path, position)
      if (end === position) return this.#fail(position)
      this.bounds[at] = position
      this.bounds[at + 1] = end
      at += 2
      node = param
      position = end
    }
    return this.#visitEnd(method, path, facts, node, at)
  }

  #child(node: number, code: number): number {
    const cells = this.#cells
    const sizes = cells[node + SIZES]!
    const index = code - cells[node + FIRST_CODE]!
    if (index >= 0 && index < sizes >> 16) return cells[node + TEXT + ((sizes & 0xffff) >> 1) + index]!
    const extra = cells[node + EXTRA]!
    if (extra === 0) return 0
    return this.#extras[extra - 1]!.sparseChildren.get(code) ?? 0
  }

  /** Compares a node's text but for its first character, which is known to be there. */
  #hasText(node: number, length: number, path: string, position: number): boolean {
    if (position + length > path.length) return false
    const units = this.#units
    const text = 2 * (node + TEXT) - 1
    for (let i = 1; i < length; i++) {
      if (path.charCodeAt(position + i) !== units[text + i]) {
        this.#fail(position + i)
        return false
      }
    }
    return true
  }

  #visitEnd(
    method: string,
    path: string,
    facts: RequestFacts,
    node: number,
    at: number,
  ): RouteEntry<T> | null {
    const cells = this.#cells
    const entry = this.#visitLeaf(method, facts, cells[node + LEAF]!)
    if (entry !== null) return entry
    const extra = cells[node + EXTRA]!
    if ((cells[node + REST]! | extra) === 0) return this.#fail(path.length)
    this.bounds[at] = path.length
    this.bounds[at + 1] = path.length
    const withRest = this.#visitLeaf(method, facts, cells[node + REST]!)
    if (withRest !== null || extra === 0) return withRest
    const { missingRest } = this.#extras[extra - 1]!
    return missingRest === null ? null : this.#findIn(missingRest, method, facts)
  }

  /** Goes on from a node that has more than static text and a plain parameter. */
  #visitOthers(
    method: string,
    path: string,
    facts: RequestFacts,
    node: number,
    position: number,
    at: number,
  ): RouteEntry<T> | null {
    const { bounds } = this
    const cells = this.#cells
    const param = cells[node + PARAM]!
    const extra = cells[node + EXTRA]!
    const end = (param | extra) === 0 ? position : this.#segmentEnd(path, position)
    if (end > position) {
      const segments = extra === 0 ? NONE : this.#extras[extra - 1]!.segments
      for (const { segment, node: behind } of segments) {
        if (!segment.match(path, position, end, bounds, at)) continue
        const entry = this.#visit(method, path, facts, behind, end, at + 2 * segment.parts.length)
        if (entry !== null) return entry
      }
      if (param !== 0) {
        bounds[at] = position
        bounds[at + 1] = end
        const entry = this.#visit(method, path, facts, param, end, at + 2)
        if (entry !== null) return entry
      }
    }
    const rest = cells[node + REST]!
    if (rest === 0) return this.#fail(position)
    return this.#visitRest(method, path, facts, rest, position, at)
  }

  /** Takes all that is left of the path as the value of the leaf `rest`. */
  #visitRest(
    method: string,
    path: string,
    facts: RequestFacts,
    rest: number,
    position: number,
    at: number,
  ): RouteEntry<T> | null {
    this.#inspectRest(path, position)
    this.bounds[at] = position
    this.bounds[at + 1] = path.length
    return this.#visitLeaf(method, facts, rest)
  }

  /** Asks a leaf, by its number as it is in the cells, for a route. */
  #visitLeaf(method: string, facts: RequestFacts, leaf: number): RouteEntry<T> | null {
    if (leaf === 0) return null
    const sole = this.#soleEntries[leaf - 1]!
    if (sole !== null && sole.method === method && this.#collector === null) return sole
    return this.#findIn(this.#leaves[leaf - 1]!, method, facts)
  }

  #findIn(leaf: Leaf<T>, method: string, facts: RequestFacts): RouteEntry<T> | null {
    if (this.#collector !== null) {
      this.#collector.push(leaf)
      return null
    }
    const entry = leaf.isConditional ? this.#findGuarded(method, facts, leaf) : leaf.find(method, facts)
    if (entry === null) this.isBlocked = true
    return entry
  }

  #fail(position: number): null {
    if (position > this.reached) this.reached = position
    return null
  }

  /** Facts are the caller's code: it may use the same router while this walk is under way. */
  #findGuarded(method: string, facts: RequestFacts, leaf: Leaf<T>): RouteEntry<T> | null {
    const { isSuspect, isBlocked, reached } = this
    const bounds = [...this.bounds]
    const entry = leaf.find(method, facts)
    this.isSuspect = isSuspect
    this.isBlocked = isBlocked
    this.reached = reached
    for (let i = 0; i < bounds.length; i++) this.bounds[i] = bounds[i]!
    return entry
  }

  #segmentEnd(path: string, start: number): number {
    let suspect = path.charCodeAt(start) === DOT ? 1 : 0
    let end = start
    for (; end < path.length; end++) {
      const code = path.charCodeAt(end)
      if (code === SLASH) break
      suspect |= SUSPECTS[code & 127]!
    }
    if (suspect !== 0) this.isSuspect = true
    return end
  }

  #inspectRest(path: string, start: number): void {
    // Without a branch for dots, of which file names have many, at places that no processor foresees.
    let suspect = 0
    let before = CHARACTERS[path.charCodeAt(start - 1) & 127]!
    for (let i = start; i < path.length; i++) {
      const check = CHARACTERS[path.charCodeAt(i) & 127]!
      suspect |= check & ((before >> 1) | 1)
      before = check
    }
    if (suspect !== 0) this.isSuspect = true
  }
}
