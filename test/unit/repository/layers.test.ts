import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findCycles } from './find-cycles.ts'
import { findLayerViolations, resolveImport, type ImportGraph } from './layers.ts'
import { moduleImports } from './module-imports.ts'
import { exportedSources, projectFiles, readPackageJson, readProjectFile } from './project-files.ts'

/** Makes a graph of files given by their text. */
function graphOf(files: Readonly<Record<string, string>>): ImportGraph {
  return new Map(Object.entries(files).map(([file, text]) => [file, moduleImports(file, text)]))
}

/** What the rule says of one import, in a `src` where `target` exists. */
function violationsOf(file: string, text: string, target = 'src/errors/codes.ts'): string[] {
  return findLayerViolations(graphOf({ [target]: '', [file]: text }), new Set(['busboy']))
}

const peers = new Set(Object.keys(readPackageJson().peerDependencies ?? {}))
const src = graphOf(
  Object.fromEntries(projectFiles('src', /\.ts$/).map((file) => [file, readProjectFile(file)])),
)

describe('src', () => {
  test('imports only from layers to the left', () => {
    assert.deepEqual(findLayerViolations(src, peers), [])
  })

  test('has no cycle of imports between files', () => {
    assert.deepEqual(findCycles(src), [])
  })

  test('has a core that imports no package, however long the way', () => {
    const seen = new Set<string>()
    const reach = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const { specifier = '(computed)' } of src.get(file) ?? []) {
        if (specifier.startsWith('.')) reach(resolveImport(file, specifier))
        else assert.match(specifier, /^node:/, `${file}, which the core needs, imports ${specifier}`)
      }
    }
    const sources = exportedSources()
    for (const path of ['.', './client']) if (sources.has(path)) reach(sources.get(path) ?? '')
    assert.ok(seen.size > 1)
  })
})

describe('the layer rule', () => {
  const ways = [
    `import { x } from '../app/goweb.ts'`,
    `import type { x } from '../app/goweb.ts'`,
    `import { type x } from '../app/goweb.ts'`,
    `import/* from './x.ts' */{\n  x,\n}\nfrom"../app/goweb.ts"`,
    `import '../app/goweb.ts'`,
    `export { x } from '../app/goweb.ts'`,
    `export type { x } from '../app/goweb.ts'`,
    `export * from '../app/goweb.ts'`,
    `export * as all from '../app/goweb.ts'`,
    `export const x = () => import('../app/goweb.ts')`,
    'export const x = () => import(`../app/goweb.ts`)',
    `export type X = import('../app/goweb.ts').GoWeb`,
    `export type X = typeof import('../app/goweb.ts')`,
    `import x = require('../app/goweb.ts')`,
    `declare module '../app/goweb.ts' { interface X {} }`,
    `/// <reference path="../app/goweb.ts" />`,
  ]
  for (const way of ways) {
    test(`sees ${JSON.stringify(way)}`, () => {
      assert.equal(violationsOf('src/router/trie.ts', `${way}\nexport {}`, 'src/app/goweb.ts').length, 1)
    })
  }

  test('does not see imports in strings, comments, templates and regular expressions', () => {
    const text = [
      `const a = "import { x } from '../app/goweb.ts'"`,
      `// import { x } from '../app/goweb.ts'`,
      'const b = `import { x } from "../app/goweb.ts"`',
      `const c = /import("..\\/app")/`,
    ].join('\n')
    assert.deepEqual(violationsOf('src/router/trie.ts', text, 'src/app/goweb.ts'), [])
  })

  const cases: [from: string, to: string, isAllowed: boolean][] = [
    ['router/a.ts', 'errors/codes.ts', true],
    ['router/a.ts', 'router/b.ts', true],
    ['router/a.ts', 'chain/b.ts', false],
    ['http/a.ts', 'router/b.ts', true],
    ['http/a.ts', 'realtime/b.ts', false],
    ['websocket/a.ts', 'http/b.ts', false],
    ['brokers/redis/a.ts', 'realtime/b.ts', true],
    ['brokers/redis/a.ts', 'brokers/memory/b.ts', false],
    ['brokers/redis/a.ts', 'brokers/redis/b.ts', true],
    ['middleware/cors.ts', 'app/goweb.ts', false],
    ['app/goweb.ts', 'middleware/cors.ts', true],
    ['app/goweb.ts', 'runtime/node/listen.ts', false],
    ['runtime/node/a.ts', 'runtime/bun/b.ts', false],
    ['runtime/node/a.ts', 'runtime/shared.ts', true],
    ['index.ts', 'runtime/node/a.ts', true],
    ['runtime/node/a.ts', 'index.ts', false],
    ['testing/a.ts', 'index.ts', true],
    ['testing/a.ts', 'cli/b.ts', false],
    ['client/a.ts', 'protocol/b.ts', true],
    ['client/a.ts', 'http/b.ts', false],
    ['react/a.ts', 'client/b.ts', true],
    ['protocol/a.ts', 'client/b.ts', false],
    ['errors/a.ts', 'router/b.ts', false],
  ]
  for (const [from, to, isAllowed] of cases) {
    test(`${isAllowed ? 'lets' : 'does not let'} ${from} import ${to}`, () => {
      const up = '../'.repeat(from.split('/').length - 1) || './'
      const found = violationsOf(`src/${from}`, `import '${up}${to}'`, `src/${to}`)
      assert.equal(found.length, isAllowed ? 0 : 1, found.join('\n'))
    })
  }

  test('keeps platform servers in runtime/', () => {
    for (const module of ['http', 'https', 'http2', 'net', 'tls']) {
      assert.equal(violationsOf('src/http/a.ts', `import type { Server } from 'node:${module}'`).length, 1)
      assert.deepEqual(violationsOf('src/runtime/node/a.ts', `import 'node:${module}'`), [])
    }
    assert.equal(violationsOf('src/http/a.ts', `process.getBuiltinModule('node:net')`).length, 1)
    assert.deepEqual(violationsOf('src/http/a.ts', `import { createHash } from 'node:crypto'`), [])
    assert.equal(violationsOf('src/client/a.ts', `import { createHash } from 'node:crypto'`).length, 1)
  })

  test('keeps packages out of the core, and lets others import peers only', () => {
    assert.equal(violationsOf('src/http/a.ts', `import busboy from 'busboy'`).length, 1)
    assert.equal(violationsOf('src/http/a.ts', `import type { X } from '@standard-schema/spec'`).length, 1)
    assert.equal(violationsOf('src/http/a.ts', `import 'fs'`).length, 1)
    assert.equal(violationsOf('src/http/a.ts', `import 'goweb'`).length, 1)
    assert.deepEqual(violationsOf('src/middleware/a.ts', `import busboy from 'busboy'`), [])
    assert.equal(violationsOf('src/middleware/a.ts', `import pino from 'pino'`).length, 1)
  })

  test('refuses modules that are computed or do not exist, and folders in no layer', () => {
    assert.equal(violationsOf('src/app/a.ts', 'import(`../${name}.ts`)').length, 1)
    assert.equal(
      violationsOf('src/app/a.ts', `import { createRequire } from 'node:module'; createRequire(url)`).length,
      1,
    )
    assert.equal(violationsOf('src/app/a.ts', `import './missing.ts'`).length, 1)
    assert.equal(violationsOf('src/helpers/a.ts', '').length, 1)
  })

  test('finds cycles, of types too', () => {
    const cycles = findCycles(
      graphOf({
        'src/a/a.ts': `import './b.ts'`,
        'src/a/b.ts': `import type { C } from '../c/c.ts'`,
        'src/c/c.ts': `export type A = import('../a/a.ts').A`,
        'src/c/d.ts': `import './c.ts'`,
      }),
    )
    assert.deepEqual(cycles, [['src/a/a.ts', 'src/a/b.ts', 'src/c/c.ts']])
  })
})
