import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ROOT, run } from './pack.ts'

describe('the repository', () => {
  test('has no file, export or dependency that nothing uses, says knip', async () => {
    await run(join(ROOT, 'node_modules/.bin/knip'), ['--no-progress', '--treat-config-hints-as-errors'], ROOT)
  })
})
