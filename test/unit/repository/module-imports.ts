import { isNode, lineAt, nodesOf, parseSource, type SyntaxNode } from './syntax-tree.ts'

/** One mention of another module: an import, an export from it, a type of it, a `require`. */
export interface ModuleImport {
  /** The module; undefined where it is computed, so that nobody can tell. */
  readonly specifier: string | undefined
  readonly line: number
}

/** Every module that a TypeScript file mentions, in types too, whatever the formatting. */
export function moduleImports(file: string, text: string): ModuleImport[] {
  const { program, comments } = parseSource(file, text)
  const found: ModuleImport[] = []
  for (const node of nodesOf(program)) {
    const source = sourceOf(node)
    if (source !== undefined) found.push({ specifier: literalOf(source), line: lineAt(text, node.start) })
  }
  for (const comment of comments) {
    const reference = /^\/\s*<reference\s+(?:types|path)\s*=\s*["']([^"']*)["']/.exec(comment.value)
    if (reference) found.push({ specifier: reference[1], line: lineAt(text, comment.start) })
  }
  return found
}

/** The expression that names a module, where the node has one. */
function sourceOf(node: SyntaxNode): unknown {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node['source']
    case 'ExportNamedDeclaration':
      return node['source'] ?? undefined
    case 'TSExternalModuleReference':
      return node['expression']
    case 'TSModuleDeclaration':
      return isNode(node['id']) && node['id'].type === 'Literal' ? node['id'] : undefined
    case 'CallExpression':
      return isModuleCall(node['callee']) ? (node['arguments'] as unknown[])[0] : undefined
    default:
      return undefined
  }
}

const MODULE_METHODS = new Set(['getBuiltinModule', 'createRequire'])

/** `require(…)`, `process.getBuiltinModule(…)`, `import.meta.resolve(…)`; `createRequire(…)` names a module that is computed. */
function isModuleCall(callee: unknown): boolean {
  if (!isNode(callee)) return false
  if (callee.type === 'Identifier')
    return callee['name'] === 'require' || MODULE_METHODS.has(String(callee['name']))
  if (callee.type !== 'MemberExpression') return false
  const { object, property } = callee as unknown as { object: SyntaxNode; property: SyntaxNode }
  const name = property.type === 'Literal' ? property['value'] : property['name']
  return MODULE_METHODS.has(String(name)) || (object.type === 'MetaProperty' && name === 'resolve')
}

function literalOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value']
  if (node.type === 'TSLiteralType') return literalOf(node['literal'])
  if (node.type !== 'TemplateLiteral') return undefined
  const quasis = node['quasis'] as { value: { cooked: string } }[]
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined
}
