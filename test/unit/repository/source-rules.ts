import { isNode, lineAt, nodesOf, parseSource, type SyntaxNode } from './syntax-tree.ts'

const ERROR_CLASSES = new Set([
  'Error',
  'AggregateError',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
])

/** Names what breaks a rule of the sources that the linter has no rule for, as `file:line: what is wrong`. */
export function findSourceViolations(file: string, text: string): string[] {
  const found: string[] = []
  for (const node of nodesOf(parseSource(file, text).program)) {
    const problem = findProblem(node)
    if (problem !== undefined) found.push(`${file}:${lineAt(text, node.start)}: ${problem}`)
  }
  return found
}

function findProblem(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'TSEnumDeclaration':
      return 'an enum; use a table with `as const`'
    case 'TSParameterProperty':
      return 'a parameter property'
    case 'ExportDefaultDeclaration':
      return 'a default export'
    case 'NewExpression':
    case 'CallExpression': {
      const callee = node['callee']
      const isErrorClass =
        isNode(callee) && callee.type === 'Identifier' && ERROR_CLASSES.has(String(callee['name']))
      return isErrorClass ? `${String(callee['name'])}; throw a GoWebError with a code` : undefined
    }
    case 'VariableDeclaration':
      return String(node['kind']).endsWith('using') ? '`using`, which Node 22 does not know' : undefined
    case 'PropertyDefinition':
    case 'MethodDefinition':
    case 'AccessorProperty':
      return findMemberProblem(node)
    default:
      return undefined
  }
}

function findMemberProblem(member: SyntaxNode): string | undefined {
  const key = member['key']
  if (member['accessibility'] === 'private' || member['accessibility'] === 'protected') {
    return `a member that is ${member['accessibility']} for the compiler only; use #`
  }
  if (member['kind'] === 'get' && isNode(key) && key.type === 'PrivateIdentifier') {
    return 'a private getter, which V8 reads by a call into its runtime; use a method'
  }
  const name = isNode(key) && key.type === 'Identifier' ? String(key['name']) : ''
  return name.startsWith('_') ? `${name}; use # for what is private` : undefined
}

/** Names every `any` in the types of a declaration file. */
export function findAny(file: string, text: string): string[] {
  const found: string[] = []
  for (const node of nodesOf(parseSource(file, text).program)) {
    if (node.type === 'TSAnyKeyword') found.push(`${file}:${lineAt(text, node.start)}: any`)
  }
  return found
}
