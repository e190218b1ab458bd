import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { findOmissions } from '../../../scripts/docs/find-omissions.ts'
import { renderCounts, renderOmissions, replaceBlock } from '../../../scripts/docs/render-runtimes-doc.ts'
import { planTests } from '../../../scripts/testing/plan.ts'
import { RUNTIMES, type Runtime } from '../../../scripts/testing/suites.ts'
import { keepTestResult, readTestResults, type TestResults } from '../../../scripts/testing/test-results.ts'
import { renderSectionsByRuntime } from '../../conformance/render-on-bun.ts'
import { ROOT, readProjectFile } from './project-files.ts'

const PAGE = 'docs/runtimes.md'
const folder = mkdtempSync(join(tmpdir(), 'goweb-runtimes-'))
after(() => rmSync(folder, { recursive: true }))

/** A repository of these files. */
function repository(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'root-'))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}

const ALL = { filters: [], runtimes: RUNTIMES }
const passed = (count: number) => ({ passed: count, failed: 0, skipped: 0 })

describe(PAGE, () => {
  const page = readProjectFile(PAGE)

  test('says what is left out as the files do', () => {
    const made = replaceBlock(page, 'omissions', renderOmissions(findOmissions(ROOT)))
    assert.ok(made === page, 'it is not what the files say: npm run docs:runtimes')
  })

  test('says which cases of the conformance tests end otherwise on Bun as the fixtures do', () => {
    const made = replaceBlock(page, 'conformance', renderSectionsByRuntime())
    assert.ok(made === page, 'it is not what the fixtures say: npm run docs:runtimes')
  })
})

describe('what is left out', () => {
  test('is found in the heads of files, in the list of suites, and where skipOn is called', () => {
    const root = repository({
      'test/unit/a.test.ts': '// not on bun: no such API\n// not on node22: nor there\n',
      'test/unit/b.test.ts': `test('x', { skip: skipOn('bun', 'its parser | ours') }, () => {})\nskipOn('bun', 'its parser | ours')`,
      'test/contract/c.ts': `const skip = skipOn(\n  'node22',\n  "Node's own",\n)`,
      'test/types/d.test.ts': '',
      'test/types/e.test.ts': '',
    })
    assert.deepEqual(renderOmissions(findOmissions(root)).split('\n').slice(2), [
      '| `types` | Node 22, Bun | compilers are looked at, not a runtime |',
      '| `unit/a.test.ts` | Node 22 | nor there |',
      '| `unit/a.test.ts` | Bun | no such API |',
      "| `contract/c.ts`, in part | Node 22 | Node's own |",
      '| `unit/b.test.ts`, 2 parts | Bun | its parser \\| ours |',
    ])
  })

  test('has to be written out', () => {
    const root = repository({ 'test/unit/a.test.ts': `skipOn('bun', reason)` })
    assert.throws(() => findOmissions(root), /a\.test\.ts: skipOn is called without/)
  })
})

describe('the table of what passed', () => {
  const root = repository({
    'test/unit/router/a.test.ts': '',
    'test/unit/router/deep/b.test.ts': '// not on bun: reason\n',
    'test/unit/c.test.ts': '',
    'test/types/d.test.ts': '',
  })
  const plan = planTests(root, ALL)
  const [a, b, c] = ['test/unit/router/a.test.ts', 'test/unit/router/deep/b.test.ts', 'test/unit/c.test.ts']
  const node = { [a]: passed(2), [b]: passed(30), [c]: passed(400) }
  const results: TestResults = {
    node26: { ...node, 'test/types/d.test.ts': passed(5), 'test/unit/gone.test.ts': passed(7) },
    node22: { ...node, [c]: { passed: 399, failed: 0, skipped: 1 } },
    bun: { [a]: passed(2), [c]: passed(400) },
  }

  test('adds up the tests of each folder and of each runtime', () => {
    assert.deepEqual(renderCounts(plan, results).split('\n').slice(2), [
      '| `types` | 5 | not run | not run |',
      '| `unit` | 400 | 399, 1 skipped | 400 |',
      '| `unit/router` | 32 | 32 | 2, 1 file not run |',
      '| all | **437** | **431**, 1 skipped | **402** |',
    ])
  })

  test('is not made of a run in which something failed or is missing', () => {
    const failed = { ...results, bun: { [a]: { passed: 1, failed: 1, skipped: 0 }, [c]: passed(400) } }
    assert.throws(() => renderCounts(plan, failed), /are 1: test\/unit\/router\/a\.test\.ts on Bun/)
    assert.throws(() => renderCounts(plan, { ...results, node22: {} }), /are 3: .* on Node 22/)
  })

  test('is made of what runs have kept, the newest of each file', () => {
    const empty = repository({})
    assert.deepEqual(readTestResults(empty), {})
    const keep = (runtime: Runtime, file: string, records: number): void => {
      const record = { name: 'a test', result: 'passed', detail: '' } as const
      keepTestResult(empty, {
        job: { runtime, file, runsAlone: false, timeoutSeconds: 1, needsSystem: false },
        records: Array.from({ length: records }, () => record),
        trouble: undefined,
        output: '',
        seconds: 1,
      })
    }
    keep('bun', a, 1)
    keep('bun', c, 1)
    keep('bun', a, 2)
    keep('node26', a, 3)
    assert.deepEqual(readTestResults(empty), {
      bun: { [a]: passed(2), [c]: passed(1) },
      node26: { [a]: passed(3) },
    })
  })
})
