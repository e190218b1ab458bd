import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { PROGRAMS } from '../../scripts/testing/run-batch.ts'
import { RUNTIMES } from '../../scripts/testing/suites.ts'
import { exportedSources } from '../unit/repository/project-files.ts'
import { ROOT, pack, run, unpack, type Packed } from './pack.ts'

const IMPORTS = [...exportedSources().keys()].map((path) => path.replace('.', 'goweb'))

let packed: Packed
let project: string
before(async () => {
  packed = await pack()
  project = join(packed.folder, 'project')
  mkdirSync(project)
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'project', private: true, type: 'module' }),
  )
  // Nothing but the tarball is needed: offline, npm can fetch nothing else.
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', packed.tarball], project)
  for (const file of readdirSync(join(import.meta.dirname, 'project'))) {
    cpSync(join(import.meta.dirname, 'project', file), join(project, file))
  }
  const each = IMPORTS.map(
    (path, index) =>
      `import * as m${index} from '${path}'\nif (Object.keys(m${index}).length === 0) throw '${path}'`,
  )
  writeFileSync(join(project, 'imports.ts'), each.join('\n'))
})
after(() => unpack(packed))

function typeCheck(config: string): Promise<string> {
  return run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config], project)
}

describe('the package in an empty project', () => {
  test('brings nothing else with it', () => {
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))
    assert.deepEqual(installed, ['goweb'])
  })

  test('type-checks for a bundler, without the types of Node', async () => {
    assert.ok(!existsSync(join(project, 'node_modules/@types')))
    await typeCheck('tsconfig.bundler.json')
  })

  test('type-checks for Node, with what its optional parts ask for beside it', async () => {
    symlinkSync(join(ROOT, 'node_modules/prom-client'), join(project, 'node_modules/prom-client'))
    mkdirSync(join(project, 'node_modules/@types'))
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'))
    symlinkSync(join(ROOT, 'node_modules/undici-types'), join(project, 'node_modules/undici-types'))
    await typeCheck('tsconfig.node.json')
  })

  for (const runtime of RUNTIMES) {
    test(`gives every export path on ${runtime}`, async () => {
      await run(join(ROOT, PROGRAMS[runtime]), ['imports.ts'], project)
    })

    test(`answers app.fetch on ${runtime}`, async () => {
      assert.match(await run(join(ROOT, PROGRAMS[runtime]), ['fetch.ts'], project), /^\{"hello":"world"\}$/m)
    })
  }

  for (const runtime of ['node26', 'node22'] as const) {
    test(`serves a request and a WebSocket on ${runtime}`, async () => {
      const output = await run(join(ROOT, PROGRAMS[runtime]), ['serve.ts'], project)
      assert.match(output, /^request: \{"hello":"world"\}$/m)
      assert.match(output, /^socket: echoed$/m)
    })
  }
})
