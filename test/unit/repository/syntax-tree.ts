import { parseSync } from 'oxc-parser'

/** A node of the syntax tree (ESTree with TypeScript's additions), as far as the checks look at it. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** A comment, without its delimiters. */
export interface SyntaxComment {
  readonly type: 'Line' | 'Block'
  readonly value: string
  readonly start: number
  readonly end: number
}

/** A parsed TypeScript file. */
export interface SyntaxTree {
  readonly program: SyntaxNode
  readonly comments: readonly SyntaxComment[]
}

/** Parses TypeScript; throws where the text is not TypeScript. */
export function parseSource(file: string, text: string): SyntaxTree {
  const { program, comments, errors } = parseSync(file, text)
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`)
  return { program: program as unknown as SyntaxNode, comments }
}

/** Every node of the tree, parents first. */
export function* nodesOf(node: SyntaxNode): Generator<SyntaxNode> {
  yield node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) yield* nodesOf(child)
    }
  }
}

/** Tells whether a value found in the tree is a node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
