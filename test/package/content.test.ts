import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exportedSources, readPackageJson } from '../unit/repository/project-files.ts'
import { findAny } from '../unit/repository/source-rules.ts'
import { ROOT, pack, run, unpack, type Packed } from './pack.ts'

let packed: Packed
before(async () => {
  packed = await pack()
})
after(() => unpack(packed))

function pathsOf(pattern: RegExp): string[] {
  return packed.files.map(({ path }) => path).filter((path) => pattern.test(path))
}

function read(path: string): string {
  return readFileSync(join(packed.content, path), 'utf8')
}

describe('the package', () => {
  test('has code, types, maps, sources and a few pages, and nothing else', () => {
    const expected =
      /^(?:dist\/.+\.(?:js|d\.ts)(?:\.map)?|src\/.+\.ts|package\.json|README[\w.-]*|LICENSE|CHANGELOG\.md)$/
    assert.deepEqual(
      pathsOf(/(?:)/).filter((path) => !expected.test(path)),
      [],
    )
    // `goweb/testing` is for users to test with; it has no tests of its own.
    const isExported = /^(?:dist|src)\/testing(?:\.|\/[a-z-]+\.(?!test\.))/
    assert.deepEqual(
      pathsOf(/(?<!la)test|fixture|bench|example/i).filter((path) => !isExported.test(path)),
      [],
    )
    for (const page of ['README.md', 'LICENSE', 'CHANGELOG.md'])
      assert.ok(pathsOf(/(?:)/).includes(page), page)
  })

  test('has code, types and maps for each source', () => {
    for (const source of pathsOf(/^src\//)) {
      const stem = source.replace(/^src\/(.*)\.ts$/, 'dist/$1')
      for (const kind of ['.js', '.js.map', '.d.ts', '.d.ts.map'])
        assert.ok(pathsOf(/^dist/).includes(stem + kind), stem + kind)
    }
    assert.equal(pathsOf(/^dist\//).length, 4 * pathsOf(/^src\//).length)
  })

  test('has maps that lead to its own sources', () => {
    const sources = new Set(pathsOf(/^src\//))
    for (const file of pathsOf(/\.map$/)) {
      const map = JSON.parse(read(file)) as { sources: string[] }
      for (const source of map.sources)
        assert.ok(sources.has(posix.join(posix.dirname(file), source)), `${file}: ${source}`)
    }
  })

  test('has a file for each target of its exports', () => {
    const all = new Set(pathsOf(/(?:)/))
    for (const [path, target] of Object.entries(readPackageJson().exports)) {
      for (const file of typeof target === 'string' ? [target] : Object.values(target)) {
        assert.ok(all.has(file.replace('./', '')), `${path}: ${file}`)
      }
    }
    assert.ok(exportedSources().size > 0)
  })

  test('has no any in its types', () => {
    assert.deepEqual(
      pathsOf(/\.d\.ts$/).flatMap((file) => findAny(file, read(file))),
      [],
    )
  })

  test('is of a size that is told', () => {
    const unpacked = packed.files.reduce((sum, { size }) => sum + size, 0)
    const code = packed.files
      .filter(({ path }) => path.endsWith('.js'))
      .reduce((sum, { size }) => sum + size, 0)
    const sizes = [packed.tarballBytes, unpacked, code].map((bytes) => `${(bytes / 1024).toFixed(0)} KiB`)
    console.log(
      `note: tarball ${sizes[0]}, unpacked ${sizes[1]} in ${packed.files.length} files, JavaScript ${sizes[2]}`,
    )
    // Code, types, maps and sources of all export paths; what comes in by mistake, such as an image or a database, is larger than what is left.
    assert.ok(packed.tarballBytes < 1280 * 1024)
  })

  test('has nothing that publint objects to', async () => {
    await run(join(ROOT, 'node_modules/.bin/publint'), ['run', packed.tarball, '--strict'], packed.folder)
  })

  test('has types that resolve, says attw', async () => {
    const args = [packed.tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii']
    await run(join(ROOT, 'node_modules/.bin/attw'), args, packed.folder)
  })
})
