import type { MarkdownPage } from '../unit/repository/markdown.ts'

/** The TypeScript of a documentation page, as files. */
export interface Snippets {
  /** Text by file name. */
  readonly files: Readonly<Record<string, string>>
  /** Line of the page on which each file's first line is. */
  readonly lines: Readonly<Record<string, number>>
  /** What is wrong with how blocks are marked. */
  readonly problems: readonly string[]
}

/**
 * Takes the \`\`\`ts blocks out of a page; each is a module that must compile.
 *
 * - A block that begins with `// name.ts` is that file, and other blocks of the page can import it.
 * - \`\`\`ts continues: the block goes on where the one before it ended.
 * - \`\`\`ts not checked: REASON: left out, for readers of the source to see why.
 */
export function snippetsOf({ blocks }: MarkdownPage): Snippets {
  const files: Record<string, string> = {}
  const lines: Record<string, number> = {}
  const problems: string[] = []
  let last: string | undefined
  for (const { info, code, line } of blocks) {
    const [, language, rest = ''] = /^(ts|tsx|typescript)\b\s*(.*)$/.exec(info) ?? []
    if (language === undefined || /^not checked: \S/.test(rest)) continue
    if (rest === 'continues' && last !== undefined) {
      // Empty lines keep the numbers of lines right.
      const gap = line + 1 - (lines[last] ?? 0) - (files[last] ?? '').split('\n').length
      files[last] += '\n'.repeat(Math.max(0, gap) + 1) + code
      continue
    }
    if (rest !== '')
      problems.push(`line ${line}: \`\`\`${info}: expected nothing, "continues" or "not checked: reason"`)
    last = /^\/\/ ([\w./-]+\.tsx?)\b/.exec(code)?.[1] ?? `block-${line}.ts`
    if (last in files) problems.push(`line ${line}: a second ${last}`)
    files[last] = code
    lines[last] = line + 1
  }
  return { files, lines, problems }
}
