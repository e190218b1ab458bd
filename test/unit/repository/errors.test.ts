import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ERROR_CODES } from '../../../src/errors/codes.ts'
import { readSections, renderErrorsDoc } from '../../../scripts/docs/render-errors-doc.ts'
import { projectFiles, readProjectFile } from './project-files.ts'
import { nodesOf, parseSource } from './syntax-tree.ts'

const TABLE = 'src/errors/codes.ts'
const codes = Object.keys(ERROR_CODES)

/** Error codes that the strings, templates and regular expressions of the files mention. */
function codesIn(files: readonly string[]): Set<string> {
  const found = new Set<string>()
  for (const file of files) {
    const text = readProjectFile(file)
    for (const { type, start, end } of nodesOf(parseSource(file, text).program)) {
      if (type !== 'Literal' && type !== 'TemplateElement') continue
      for (const [word] of text.slice(start, end).matchAll(/[A-Z][A-Z\d_]+/g)) {
        if (word in ERROR_CODES) found.add(word)
      }
    }
  }
  return found
}

describe('error codes', () => {
  test('are what docs/errors.md says', () => {
    const isCurrent = readProjectFile('docs/errors.md') === renderErrorsDoc(readProjectFile(TABLE))
    assert.ok(isCurrent, 'docs/errors.md is not what the table says: npm run docs:errors')
  })

  test('are each used in src, but for the generic ones, which are for handlers', () => {
    const generic =
      readSections(readProjectFile(TABLE)).find(({ title }) => title.startsWith('Generic'))?.codes ?? []
    assert.ok(generic.length > 0)
    const used = codesIn(projectFiles('src', /\.ts$/).filter((file) => file !== TABLE))
    const unused = codes.filter((code) => !used.has(code) && !generic.includes(code))
    assert.deepEqual(unused, [])
  })

  test('are each provoked by a test', () => {
    const tests = projectFiles('test', /\.ts$/).filter((file) => !file.startsWith('test/unit/repository/'))
    const provoked = codesIn(tests)
    assert.deepEqual(
      codes.filter((code) => !provoked.has(code)),
      [],
    )
  })

  test('have a status that HTTP knows, a close code that may be sent, and sentences', () => {
    for (const [code, entry] of Object.entries(ERROR_CODES)) {
      assert.match(code, /^[A-Z][A-Z\d]*(?:_[A-Z\d]+)*$/)
      assert.ok(entry.status >= 400 && entry.status <= 599, code)
      assert.match(entry.summary, /^[A-Z].*[^.\s]$/, `${code}: a summary is a sentence without its full stop`)
      assert.match(entry.remedy, /^[A-Z].*\.$/, `${code}: a remedy is a sentence`)
      if (!('closeCode' in entry)) continue
      // RFC 6455 section 7.4.2: 1004 to 1006 and 1015 are never sent.
      const { closeCode } = entry
      const isSendable =
        closeCode >= 1000 && closeCode <= 4999 && ![1004, 1005, 1006, 1015].includes(closeCode)
      assert.ok(isSendable, `${code}: close code ${closeCode}`)
    }
  })
})
