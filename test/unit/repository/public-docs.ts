import { posix } from 'node:path'
import { isNode, lineAt, parseSource, type SyntaxNode, type SyntaxTree } from './syntax-tree.ts'

/** Reads a file by its path from the root. */
export type ReadFile = (file: string) => string

const LONGEST_SUMMARY = 90

/** Names every export of a module, followed through re-exports, whose docstring is missing or begins badly. */
export function findUndocumented(entry: string, read: ReadFile): string[] {
  const text = read(entry)
  const tree = parseSource(entry, text)
  const found: string[] = []
  for (const statement of tree.program['body'] as SyntaxNode[]) {
    if (statement.type === 'ExportAllDeclaration') {
      found.push(`${entry}:${lineAt(text, statement.start)}: \`export *\`; name what is exported`)
    } else if (statement.type === 'ExportNamedDeclaration') {
      const names = statement['specifiers'] as { local: { name: string } }[]
      const source = statement['source'] as { value: string } | null
      for (const { local } of names) {
        const file = source ? posix.join(posix.dirname(entry), source.value) : entry
        found.push(...checkExport(file, local.name, read))
      }
      const declaration = statement['declaration']
      if (isNode(declaration)) {
        for (const name of namesOf(declaration)) found.push(...checkExport(entry, name, read))
      }
    }
  }
  return found
}

function checkExport(file: string, name: string, read: ReadFile): string[] {
  const text = read(file)
  const tree = parseSource(file, text)
  for (const statement of tree.program['body'] as SyntaxNode[]) {
    const declaration = statement['declaration'] ?? statement
    if (isNode(declaration) && namesOf(declaration).includes(name)) {
      const problem = checkDocstring(docstringBefore(tree, text, statement))
      return problem === undefined ? [] : [`${file}:${lineAt(text, statement.start)}: ${name} ${problem}`]
    }
    const origin = importedFrom(statement, name)
    if (origin) return checkExport(posix.join(posix.dirname(file), origin.source), origin.name, read)
  }
  return [`${file}: ${name} is not declared here`]
}

/** Where an import or re-export takes a name from. */
function importedFrom(statement: SyntaxNode, name: string): { source: string; name: string } | undefined {
  const source = statement['source'] as { value: string } | null | undefined
  if (!source) return undefined
  for (const specifier of (statement['specifiers'] ?? []) as Record<string, { name: string }>[]) {
    const outside = statement.type === 'ImportDeclaration' ? specifier['local'] : specifier['exported']
    const inside = statement.type === 'ImportDeclaration' ? specifier['imported'] : specifier['local']
    if (outside?.name === name) return { source: source.value, name: inside?.name ?? name }
  }
  return undefined
}

function namesOf(declaration: SyntaxNode): string[] {
  if (declaration.type === 'VariableDeclaration') {
    return (declaration['declarations'] as { id: { name: string } }[]).map(({ id }) => id.name)
  }
  const id = declaration['id']
  return isNode(id) && typeof id['name'] === 'string' ? [id['name']] : []
}

/** The `/** … *\/` comment that ends right before a statement. */
function docstringBefore(tree: SyntaxTree, text: string, statement: SyntaxNode): string | undefined {
  const comment = tree.comments.findLast(({ end }) => end <= statement.start)
  if (comment?.type !== 'Block' || !comment.value.startsWith('*')) return undefined
  if (text.slice(comment.end, statement.start).trim() !== '') return undefined
  return comment.value.replaceAll(/^\s*\*+ ?/gm, '').trim()
}

function checkDocstring(docstring: string | undefined): string | undefined {
  if (docstring === undefined) return 'has no docstring'
  const [paragraph = ''] = docstring.split(/\n\s*\n|\n@/)
  const summary = /^.*?[.;:](?=\s|$)/s.exec(paragraph.replaceAll(/\s+/g, ' '))?.[0]
  if (summary === undefined) return 'begins with no sentence'
  const length = summary.replaceAll(/\{@link ([^}]+)\}/g, '$1').length
  return length > LONGEST_SUMMARY ? `begins with a sentence of ${length} characters` : undefined
}
