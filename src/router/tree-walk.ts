import type { Leaf } from './leaf.ts'
import { SUSPECT_CODES } from './path.ts'
import type { RouteEntry } from './route-entry.ts'
import type { RequestFacts } from './route.ts'
import type { TreeNode } from './tree-node.ts'

const SLASH = 47
const DOT = 46

const NO_FACTS: RequestFacts = { host: '', scheme: '', header: () => undefined, query: () => undefined }

/** One search through the tree: the most specific route first, less specific ones where that one fails. */
export class TreeWalk<T> {
  /** Start and end in the path of each value, in turn, of the route found. */
  readonly bounds: number[] = []
  /** Whether a value looked at may make the path malformed or not canonical. */
  isSuspect = false
  /** Whether a pattern fits the path, but no route of it the method and conditions. */
  isBlocked = false
  #path = ''
  #method = ''
  #facts: RequestFacts = NO_FACTS
  #leaves: Leaf<T>[] | null = null

  /** Finds the route for a method and path. */
  find(root: TreeNode<T>, method: string, path: string, facts: RequestFacts): RouteEntry<T> | null {
    this.isSuspect = false
    this.isBlocked = false
    this.#path = path
    this.#method = method
    this.#facts = facts
    return this.#visit(root, 0, 0)
  }

  /** Collects the leaves of all patterns that fit a path, the most specific first. */
  collect(root: TreeNode<T>, path: string): Leaf<T>[] {
    const leaves: Leaf<T>[] = []
    this.#leaves = leaves
    this.#path = path
    this.#visit(root, 0, 0)
    this.#leaves = null
    return leaves
  }

  /** Forgets the request, so that a walk kept for later does not keep it. */
  release(): void {
    this.#facts = NO_FACTS
  }

  #visit(from: TreeNode<T>, start: number, at: number): RouteEntry<T> | null {
    const path = this.#path
    let node = from
    let position = start
    for (;;) {
      if (position === path.length) return this.#visitEnd(node, at)
      const child = node.child(path.charCodeAt(position))
      if (child !== null && startsWith(path, child.text, position)) {
        const next = position + child.text.length
        if (!node.hasDynamic) {
          node = child
          position = next
          continue
        }
        const entry = this.#visit(child, next, at)
        if (entry !== null) return entry
      }
      return node.hasDynamic ? this.#visitDynamic(node, position, at) : null
    }
  }

  #visitEnd(node: TreeNode<T>, at: number): RouteEntry<T> | null {
    const entry = node.leaf === null ? null : this.#visitLeaf(node.leaf)
    if (entry !== null || (node.rest === null && node.missingRest === null)) return entry
    this.bounds[at] = this.#path.length
    this.bounds[at + 1] = this.#path.length
    const withRest = node.rest === null ? null : this.#visitLeaf(node.rest)
    return withRest ?? (node.missingRest === null ? null : this.#visitLeaf(node.missingRest))
  }

  #visitDynamic(node: TreeNode<T>, position: number, at: number): RouteEntry<T> | null {
    const { bounds } = this
    const path = this.#path
    const end = this.#segmentEnd(position)
    if (end > position) {
      if (node.segments !== null) {
        for (const { segment, node: next } of node.segments) {
          if (!segment.match(path, position, end, bounds, at)) continue
          const entry = this.#visit(next, end, at + 2 * segment.parts.length)
          if (entry !== null) return entry
        }
      }
      if (node.param !== null) {
        bounds[at] = position
        bounds[at + 1] = end
        const entry = this.#visit(node.param, end, at + 2)
        if (entry !== null) return entry
      }
    }
    if (node.rest === null) return null
    this.#inspectRest(end)
    bounds[at] = position
    bounds[at + 1] = path.length
    return this.#visitLeaf(node.rest)
  }

  #visitLeaf(leaf: Leaf<T>): RouteEntry<T> | null {
    if (this.#leaves !== null) {
      this.#leaves.push(leaf)
      return null
    }
    const entry = leaf.find(this.#method, this.#facts)
    if (entry === null) this.isBlocked = true
    return entry
  }

  #segmentEnd(start: number): number {
    const path = this.#path
    let suspect = path.charCodeAt(start) === DOT ? 1 : 0
    let end = start
    for (; end < path.length; end++) {
      const code = path.charCodeAt(end)
      if (code === SLASH) break
      suspect |= SUSPECT_CODES[code & 127]!
    }
    if (suspect !== 0) this.isSuspect = true
    return end
  }

  /** Inspects what follows the first segment of a rest. */
  #inspectRest(start: number): void {
    const path = this.#path
    let suspect = 0
    for (let i = start; i < path.length; i++) {
      const code = path.charCodeAt(i)
      suspect |= SUSPECT_CODES[code & 127]!
      if (code === DOT && path.charCodeAt(i - 1) === SLASH) suspect = 1
    }
    if (suspect !== 0) this.isSuspect = true
  }
}

function startsWith(path: string, text: string, position: number): boolean {
  if (position + text.length > path.length) return false
  for (let i = 1; i < text.length; i++) {
    if (path.charCodeAt(position + i) !== text.charCodeAt(i)) return false
  }
  return true
}
