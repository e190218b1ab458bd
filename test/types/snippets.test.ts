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

/** Names everything in a page's TypeScript that does not compile, by the page's own lines. */
async function findProblems(page: string, text: string): Promise<string[]> {
  const { files, lines, problems } = snippetsOf(readMarkdown(text))
  if (Object.keys(files).length === 0) return [...problems]
  const { diagnostics } = await compile({ scratch: files, compilerOptions: OPTIONS })
  return [
    ...problems,
    ...diagnostics.map(({ file, line, code, message }) => {
      const start = lines[file]
      return `${page}:${start === undefined ? `(${file})` : start + line - 1}: ${code} ${message}`
    }),
  ]
}

describe('TypeScript of the documentation', () => {
  for (const page of projectFiles('.', /^(?:[^/]+|docs\/.*)\.md$/)) {
    test(`${page} compiles`, async () => {
      assert.deepEqual(await findProblems(page, readProjectFile(page)), [])
    })
  }
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
    assert.deepEqual(await findProblems('page.md', text), [
      'line 16: ```ts whatever: expected nothing, "continues" or "not checked: reason"',
      `page.md:11: TS2322 Type 'number' is not assignable to type 'string'.`,
    ])
  })
})
