import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ROOT, compile } from './compile.ts'
import { compareWithMarkers } from './expected-errors.ts'

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`)
}

describe('types', () => {
  test('of test/types compile, and those of test/types/fail fail where they say and nowhere else', async () => {
    const failing = filesIn('test/types/fail')
    assert.ok(failing.length > 0)
    const { diagnostics } = await compile({ files: [...filesIn('test/types'), ...failing] })
    const texts = new Map(failing.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
    assert.deepEqual(compareWithMarkers(diagnostics, texts), [])
  })

  test('that fail say so in every file', () => {
    for (const file of filesIn('test/types/fail')) {
      assert.match(readFileSync(join(ROOT, file), 'utf8'), /\/\/ error: TS\d+/, file)
    }
  })
})

describe('the check of errors', () => {
  const text = [
    `export const a: string = 1 // error: TS2322 Type 'number'`,
    `export const b: string = 'b' // error: TS2322`,
    `export const c: string = 3`,
    `export const d: string = 4 // error: TS2345`,
    `export const e: string = 5 // error: TS2322 Type 'boolean'`,
  ].join('\n')

  test('notices lines that compile, lines that fail unmarked, and other errors than the one that is named', async () => {
    const { diagnostics } = await compile({ scratch: { 'a.ts': text } })
    const differences = compareWithMarkers(diagnostics, new Map([['a.ts', text]]))
    assert.deepEqual(differences, [
      'a.ts:2: compiles, or not with TS2322',
      'a.ts:4: compiles, or not with TS2345',
      `a.ts:5: compiles, or not with TS2322 Type 'boolean'`,
      `a.ts:3: TS2322 Type 'number' is not assignable to type 'string'.`,
      `a.ts:4: TS2322 Type 'number' is not assignable to type 'string'.`,
      `a.ts:5: TS2322 Type 'number' is not assignable to type 'string'.`,
    ])
  })
})
