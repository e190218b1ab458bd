import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ROOT } from './example-process.ts'

test('the scripts of the page agree with their types and with those of the server', async () => {
  const compiler = join(ROOT, 'node_modules/.bin/tsc')
  const result = await promisify(execFile)(compiler, ['-p', 'examples/chat/browser/tsconfig.json'], {
    cwd: ROOT,
  }).catch((error: unknown) => error as { stdout: string })
  assert.equal(result.stdout, '')
})
