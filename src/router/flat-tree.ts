import type { Leaf } from './leaf.ts'
import type { RouteEntry } from './route-entry.ts'
import type { Segment } from './segment.ts'
import type { TreeNode } from './tree-node.ts'

// A node is a run of cells. The tree of a large application is walked from one end of memory to the other with
// every lookup; as objects it took two to five times as long, waiting for memory.

/** Length of the text that leads to the node, in bits 0 to 15; length of the table of children, in bits 16 to 29. */
export const SIZES = 0
/** Character of the first child in the table. */
export const FIRST_CODE = 1
/** Index of the routes that end here in the list of leaves, plus 1; 0 for none. */
export const LEAF = 2
/** The node behind a plain parameter; 0 for none. */
export const PARAM = 3
/** Index of the routes that end in `{rest...}` here in the list of leaves, plus 1; 0 for none. */
export const REST = 4
/** Index of what else is there in the list of extras, plus 1; 0 for nothing. */
export const EXTRA = 5
/** The text but for its first character, two characters to a cell; then the table of children. */
export const TEXT = 6

/** Children whose first characters span more than this are kept in a map. */
const MAX_TABLE_LENGTH = 128

/** What few nodes have. */
export interface NodeExtra<T> {
  /** Segments with parameters in the order in which they are tried, and the nodes behind them. */
  readonly segments: readonly { readonly segment: Segment; readonly node: number }[]
  readonly missingRest: Leaf<T> | null
  /** Children by first character where a table would be long. */
  readonly sparseChildren: ReadonlyMap<number, number>
}

/**
 * The radix tree of all patterns as one array of numbers, nodes behind their parents.
 *
 * A walk comes to a node at most once, since the position in the path follows from the way to the node: so the
 * number of nodes bounds the work, however patterns and path are made up.
 */
export class FlatTree<T> {
  /** The nodes, from cell 1 on, the root first. */
  readonly cells: Int32Array
  /** The same memory by characters. */
  readonly units: Uint16Array
  readonly leaves: Leaf<T>[] = []
  /** The only route of each leaf, if it has only one and that is unconditional. */
  readonly soleEntries: (RouteEntry<T> | null)[] = []
  readonly extras: NodeExtra<T>[] = []

  constructor(root: TreeNode<T>) {
    this.cells = new Int32Array(1 + countCells(root))
    this.units = new Uint16Array(this.cells.buffer)
    this.#place(root, ROOT)
  }

  /** Writes a node and all below it from a cell on; gives the cell behind them. */
  #place(node: TreeNode<T>, at: number): number {
    const { cells, units } = this
    const { text, children } = node
    const { first, length } = tableOf(node)
    const table = at + TEXT + (text.length >> 1)
    cells[at + SIZES] = text.length | (length << 16)
    cells[at + FIRST_CODE] = first
    if (node.leaf !== null) cells[at + LEAF] = this.#placeLeaf(node.leaf)
    if (node.rest !== null) cells[at + REST] = this.#placeLeaf(node.rest)
    for (let i = 1; i < text.length; i++) units[2 * (at + TEXT) + i - 1] = text.charCodeAt(i)

    let next = table + length
    if (node.param !== null) {
      cells[at + PARAM] = next
      next = this.#place(node.param, next)
    }
    const segments = node.segments.map(({ segment, node: behind }) => {
      const start = next
      next = this.#place(behind, start)
      return { segment, node: start }
    })
    const sparseChildren = new Map<number, number>()
    for (const [code, child] of children) {
      if (length === 0) sparseChildren.set(code, next)
      else cells[table + code - first] = next
      next = this.#place(child, next)
    }
    const { missingRest } = node
    if (segments.length > 0 || sparseChildren.size > 0 || missingRest !== null) {
      cells[at + EXTRA] = this.extras.push({ segments, missingRest, sparseChildren })
    }
    return next
  }

  #placeLeaf(leaf: Leaf<T>): number {
    this.soleEntries.push(leaf.soleEntry)
    return this.leaves.push(leaf)
  }
}

/** The cell of the root. */
export const ROOT = 1

/** First character and length of the table of children; no length where the children are kept in a map. */
function tableOf<T>({ children }: TreeNode<T>): { first: number; length: number } {
  if (children.size === 0) return { first: 0, length: 0 }
  const first = Math.min(...children.keys())
  const length = Math.max(...children.keys()) - first + 1
  return length > MAX_TABLE_LENGTH ? { first: 0, length: 0 } : { first, length }
}

function countCells<T>(node: TreeNode<T>): number {
  let count = TEXT + (node.text.length >> 1) + tableOf(node).length
  if (node.param !== null) count += countCells(node.param)
  for (const { node: behind } of node.segments) count += countCells(behind)
  for (const child of node.children.values()) count += countCells(child)
  return count
}
