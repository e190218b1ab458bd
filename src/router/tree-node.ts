import type { Leaf } from './leaf.ts'
import type { Segment } from './segment.ts'

/** What follows when a segment with parameters matches. */
export interface SegmentEdge<T> {
  readonly segment: Segment
  readonly node: TreeNode<T>
}

/** Children whose first characters span more than this are kept in a map instead of a table. */
const MAX_TABLE_LENGTH = 128

/**
 * A place in the radix tree of all patterns.
 *
 * Below it are, in the order in which they are tried: static text, segments with parameters, a plain parameter,
 * the rest of the path. A walk comes to a node at most once, since the position in the path follows from the way
 * to the node: so the number of nodes bounds the work, however patterns and path are made up.
 */
export class TreeNode<T> {
  /** Static text that leads here from the parent; '' behind a parameter. */
  text: string
  /** Routes whose pattern ends here. */
  leaf: Leaf<T> | null = null
  /** Routes whose pattern ends in `{rest...}` here. */
  rest: Leaf<T> | null = null
  /** Routes with a rest that begins with the slash that is missing here, matched with an empty rest. */
  missingRest: Leaf<T> | null = null
  /** What follows `{name}` as a whole segment or the rest of one. */
  param: TreeNode<T> | null = null
  /** Other segments with parameters, in the order in which they are tried. */
  segments: SegmentEdge<T>[] | null = null
  /** Whether a walk can go on here without static text. */
  hasDynamic = false
  /** Children by first character of their text, from `firstCode` on. */
  children: (TreeNode<T> | null)[] = []
  firstCode = 0
  /** Holds the children when their first characters are far apart. */
  #sparseChildren: Map<number, TreeNode<T>> | null = null

  constructor(text: string) {
    this.text = text
  }

  /** The child whose text starts with a character. */
  child(code: number): TreeNode<T> | null {
    const index = code - this.firstCode
    if (index >= 0 && index < this.children.length) return this.children[index]!
    return this.#sparseChildren === null ? null : (this.#sparseChildren.get(code) ?? null)
  }

  /** Puts a node for the first `length` characters between this node and its child. */
  splitChild(child: TreeNode<T>, length: number): TreeNode<T> {
    const upper = new TreeNode<T>(child.text.slice(0, length))
    child.text = child.text.slice(length)
    upper.setChild(child)
    this.setChild(upper)
    return upper
  }

  /** Adds a child, or replaces the one whose text starts with the same character. */
  setChild(child: TreeNode<T>): void {
    const code = child.text.charCodeAt(0)
    if (this.#sparseChildren !== null) {
      this.#sparseChildren.set(code, child)
      return
    }
    const codes = this.children.flatMap((known, i) => (known === null ? [] : [this.firstCode + i]))
    const first = Math.min(code, ...codes)
    const length = Math.max(code, ...codes) - first + 1
    const all = new Map(codes.map((known) => [known, this.children[known - this.firstCode]!]))
    all.set(code, child)
    if (length > MAX_TABLE_LENGTH) {
      this.#sparseChildren = all
      this.children = []
    } else {
      this.children = Array.from({ length }, (_, i) => all.get(first + i) ?? null)
      this.firstCode = first
    }
  }
}
