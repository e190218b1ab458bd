import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readMarkdown } from '../unit/repository/markdown.ts'
import { projectFiles, readProjectFile } from '../unit/repository/project-files.ts'
import { compile } from './compile.ts'
import { snippetsOf } from './snippets.ts'

/** Pages show code that readers copy: all of it compiles, but unused names are no fault there. */
const OPTIONS = {
  lib: ['ES2024', 'ESNext.Disposable', 'ESNext.AsyncIterable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  noUnusedLocals: false,
  noUnusedParameters: false,
  moduleDetection: 'force',
}

/** Names everything in the TypeScript of pages that does not compile, by the pages' own lines. */
async function findProblems(pages: Readonly<Record<string, string>>): Promise<string[]> {
  const found: string[] = []
  const scratch: Record<string, string> = {}
  const places = new Map<string, { page: string; start: number }>()
  for (const [page, text] of Object.entries(pages)) {
    const { files, lines, problems } = snippetsOf(readMarkdown(text))
    found.push(...problems.map((problem) => `${page}: ${problem}`))
    for (const [file, code] of Object.entries(files)) {
      scratch[`${page}/${file}`] = code
      places.set(`${page}/${file}`, { page, start: lines[file] ?? 0 })
    }
  }
  const { diagnostics } = await compile({ scratch, compilerOptions: OPTIONS })
  for (const { file, line, code, message } of diagnostics) {
    const place = places.get(file)
    const where = place === undefined ? `${file}:${line}` : `${place.page}:${place.start + line - 1}`
    found.push(`${where}: ${code} ${message}`)
  }
  return found
}

describe('TypeScript of the documentation', () => {
  test('compiles', async () => {
    const pages = projectFiles('.', /^(?:[^/]+|docs\/.*)\.md$/)
    assert.deepEqual(
      await findProblems(Object.fromEntries(pages.map((page) => [page, readProjectFile(page)]))),
      [],
    )
  })
})

describe('the check of pages', () => {
  test('compiles blocks as files, alone or continued, and tells the line of the page', async () => {
    const text = [
      '```ts',
      '// app.ts',
      'export const app = 1',
      '```',
      '```ts',
      `import { app } from './app.ts'`,
      'const half: number = app / 2',
      '```',
      'Then:',
      '```ts continues',
      'const wrong: string = half',
      '```',
      '```ts not checked: left to the reader',
      'const wrong: string = 1',
      '```',
      '```ts whatever',
      '```',
    ].join('\n')
    assert.deepEqual(await findProblems({ 'page.md': text }), [
      'page.md: line 16: ```ts whatever: expected nothing, "continues" or "not checked: reason"',
      `page.md:11: TS2322 Type 'number' is not assignable to type 'string'.`,
    ])
  })
})
