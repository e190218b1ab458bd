import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { projectFiles, readProjectFile } from './project-files.ts'

/** The members of the union of codes. */
function declaredCodes(): string[] {
  const [, union = ''] =
    /type ClientErrorCode =([^;]*?)\n\n/.exec(readProjectFile('src/client/client-error.ts')) ?? []
  return Array.from(union.matchAll(/'([A-Z_]+)'/g), ([, code = '']) => code)
}

/** Whether a file has the code in a string. */
function mentioned(code: string, files: readonly string[]): boolean {
  return files.some((file) => new RegExp(`['" ]${code}'`).test(readProjectFile(file)))
}

describe('the errors of the client', () => {
  const codes = declaredCodes()

  test('are told one by one in docs/client.md', () => {
    const listed = Array.from(
      readProjectFile('docs/client.md').matchAll(/^\| `([A-Z_]+)` \|/gm),
      ([, code]) => code,
    )
    assert.ok(codes.length > 0)
    assert.deepEqual(listed, codes.toSorted())
  })

  test('are each used, and each provoked by a test', () => {
    const sources = projectFiles('src/client').filter((file) => !file.endsWith('client-error.ts'))
    const tests = projectFiles('test/unit/client')
    assert.deepEqual(
      codes.filter((code) => !mentioned(code, sources) || !mentioned(code, tests)),
      [],
    )
  })
})
