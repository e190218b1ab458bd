import type { Leaf } from './leaf.ts'
import type { Segment } from './segment.ts'

/** What follows when a segment with parameters matches. */
export interface SegmentEdge<T> {
  readonly segment: Segment
  readonly node: TreeNode<T>
}

/** A place in the radix tree of all patterns, as it is built; lookups walk its flat copy. */
export class TreeNode<T> {
  /** Static text that leads here from the parent; '' behind a parameter. */
  text: string
  /** Children by the first character of their text. */
  readonly children: Map<number, TreeNode<T>> = new Map()
  /** Segments with parameters, but for a plain one, in the order in which they are tried. */
  readonly segments: SegmentEdge<T>[] = []
  /** What follows `{name}` as a whole segment or the rest of one. */
  param: TreeNode<T> | null = null
  /** Routes whose pattern ends here. */
  leaf: Leaf<T> | null = null
  /** Routes whose pattern ends in `{rest...}` here. */
  rest: Leaf<T> | null = null
  /** Routes with a rest that begins with the slash that is missing here, matched with an empty rest. */
  missingRest: Leaf<T> | null = null

  constructor(text: string) {
    this.text = text
  }

  /** Adds a child, or replaces the one whose text starts with the same character. */
  setChild(child: TreeNode<T>): void {
    this.children.set(child.text.charCodeAt(0), child)
  }

  /** Puts a node for the first `length` characters between this node and its child. */
  splitChild(child: TreeNode<T>, length: number): TreeNode<T> {
    const upper = new TreeNode<T>(child.text.slice(0, length))
    child.text = child.text.slice(length)
    upper.setChild(child)
    this.setChild(upper)
    return upper
  }
}
