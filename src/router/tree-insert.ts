import { Leaf } from './leaf.ts'
import type { PatternToken } from './pattern.ts'
import type { RouteEntry } from './route-entry.ts'
import { compareSegments, type Segment } from './segment.ts'
import { TreeNode } from './tree-node.ts'

/** Adds a route to the tree, making nodes where they are missing. */
export function insertRoute<T>(
  root: TreeNode<T>,
  tokens: readonly PatternToken[],
  entry: RouteEntry<T>,
): void {
  let node = root
  for (const token of tokens) {
    if (token.kind === 'text') node = descendText(node, token.text)
    else if (token.kind === 'segment') node = descendSegment(node, token.segment)
  }
  const last = tokens.at(-1)!.kind
  if (last === 'rest') {
    node.rest = withEntry(node.rest, entry)
  } else if (last === 'missing-rest') {
    node.missingRest = withEntry(node.missingRest, entry)
  } else {
    node.leaf = withEntry(node.leaf, entry)
  }
}

function descendText<T>(from: TreeNode<T>, text: string): TreeNode<T> {
  let node = from
  let rest = text
  while (rest !== '') {
    let child = node.children.get(rest.charCodeAt(0))
    if (child === undefined) {
      child = new TreeNode<T>(rest)
      node.setChild(child)
    } else {
      const shared = sharedLength(child.text, rest)
      if (shared < child.text.length) child = node.splitChild(child, shared)
    }
    rest = rest.slice(child.text.length)
    node = child
  }
  return node
}

function descendSegment<T>(node: TreeNode<T>, segment: Segment): TreeNode<T> {
  if (segment.isPlain) return (node.param ??= new TreeNode<T>(''))
  const known = node.segments.find((edge) => edge.segment.key === segment.key)
  if (known !== undefined) return known.node
  const edge = { segment, node: new TreeNode<T>('') }
  const position = node.segments.findIndex((other) => compareSegments(segment, other.segment) < 0)
  node.segments.splice(position === -1 ? node.segments.length : position, 0, edge)
  return edge.node
}

function withEntry<T>(known: Leaf<T> | null, entry: RouteEntry<T>): Leaf<T> {
  const leaf = known ?? new Leaf<T>()
  leaf.add(entry)
  return leaf
}

function sharedLength(a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length
}
