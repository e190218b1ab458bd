import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exportedSources, projectFiles, readPackageJson, readProjectFile } from './project-files.ts'
import { findUndocumented } from './public-docs.ts'
import { findAny, findSourceViolations } from './source-rules.ts'

const OUR_FOLDERS = ['src', 'scripts', 'test', 'examples', 'docs']
const BINARY = /\.(?:png|jpe?g|gif|ico|woff2?|gz|br|zst|bin)$/

describe('src', () => {
  const files = projectFiles('src')

  test('is TypeScript only', () => {
    assert.deepEqual(
      files.filter((file) => !file.endsWith('.ts')),
      [],
    )
  })

  test('has no enum, parameter property, default export, bare Error, `using`, private getter or member that is private by name only', () => {
    const found = files.flatMap((file) => findSourceViolations(file, readProjectFile(file)))
    assert.deepEqual(found, [])
  })

  test('has no file of more than 500 lines', () => {
    // The table of error codes is data, not code.
    const code = files.filter((file) => file !== 'src/errors/codes.ts')
    const long = code.filter((file) => readProjectFile(file).split('\n').length > 501)
    assert.deepEqual(long, [])
  })

  test('has no file or folder with a name that says nothing', () => {
    const vague = files.filter((file) =>
      /\/(?:utils?|helpers?|common|misc|shared|types|constants)(?:\/|\.)/.test(file),
    )
    assert.deepEqual(vague, [])
  })
})

describe('public exports', () => {
  for (const [path, file] of exportedSources()) {
    test(`of ${path} all have a docstring that begins with a short sentence`, () => {
      assert.deepEqual(findUndocumented(file, readProjectFile), [])
    })

    test(`path ${path} is its file's path`, () => {
      assert.equal(file, path === '.' ? 'src/index.ts' : `src/${path.replace('./', '')}.ts`)
    })
  }

  test('are told one by one, for source, types and code', () => {
    for (const [path, target] of Object.entries(readPackageJson().exports)) {
      assert.ok(!path.includes('*'), `${path}: a wildcard`)
      if (typeof target === 'string') assert.deepEqual([path, target], ['./package.json', './package.json'])
      else assert.deepEqual(Object.keys(target), ['goweb-source', 'types', 'default'], path)
    }
  })

  test('have their paths in the readme or the guide', () => {
    const pages = ['README.md', ...projectFiles('docs/guide', /\.md$/)].map(readProjectFile).join('\n')
    const missing = [...exportedSources().keys()].filter((path) => {
      const [whole, group, name] = /^(.*)\/([^/]+)$/.exec(path.replace('.', 'goweb')) ?? ['goweb']
      const isListed = pages.includes(`\`${group}/…\``) && pages.includes(`\`${name}\``)
      return !pages.includes(whole) && !isListed
    })
    assert.deepEqual(missing, [])
  })
})

describe('package.json', () => {
  test('has no dependency that every user installs', () => {
    const {
      dependencies,
      optionalDependencies,
      peerDependencies = {},
      peerDependenciesMeta,
    } = readPackageJson()
    assert.equal(dependencies, undefined)
    assert.equal(optionalDependencies, undefined)
    for (const name of Object.keys(peerDependencies))
      assert.equal(peerDependenciesMeta?.[name]?.optional, true, name)
  })

  test('has a lock file that names no server of its own', () => {
    for (const file of ['package-lock.json', 'test/runtimes/package-lock.json']) {
      const hosts = [
        ...readProjectFile(file).matchAll(/"resolved": "(?!https:\/\/registry\.npmjs\.org\/)([^"]*)"/g),
      ]
      assert.deepEqual(
        hosts.map(([, host]) => host),
        [],
        file,
      )
    }
  })
})

describe('the repository', () => {
  const files = OUR_FOLDERS.flatMap((folder) => projectFiles(folder))
  const texts = [...files, ...projectFiles('.', /^[^/]+$/), ...projectFiles('.ci')].filter(
    (file) => !BINARY.test(file),
  )

  test('names files and folders in kebab-case', () => {
    const odd = files.filter((file) => {
      const parts = file.replace(/\/README(?:\.zh-CN)?\.md$/, '/readme.md').split('/')
      return !parts.every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part))
    })
    assert.deepEqual(odd, [])
  })

  test('leaves nothing to do later in the code', () => {
    // The brackets keep this line from finding itself.
    const marks = /\b(?:TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/
    const found = texts.filter((file) => !file.endsWith('-lock.json') && marks.test(readProjectFile(file)))
    assert.deepEqual(found, [])
  })

  test('has no path of one developer’s machine', () => {
    const personal = new RegExp(String.raw`(?<![\w.])/(?:root|work|Users|home)/[\w.-]+`)
    const found = texts.flatMap((file) => {
      const match = personal.exec(readProjectFile(file))
      return match ? [`${file}: ${match[0]}`] : []
    })
    assert.deepEqual(found, [])
  })
})

describe('the checks themselves', () => {
  test('notice what they forbid', () => {
    const bad = [
      'enum A { B }',
      'const enum A { B }',
      'export default 1',
      'class A { constructor(readonly a: string) {} }',
      'throw new Error("x")',
      'throw new TypeError("x")',
      'throw Error("x")',
      'class A { private b = 1 }',
      'class A { _b = 1 }',
      'class A { get #b() { return 1 } }',
      'using a = b()',
      'async function f() { await using a = b() }',
    ]
    for (const text of bad) assert.equal(findSourceViolations('src/a.ts', text).length, 1, text)
    const good =
      'class A extends Error { #b = 1 }\nconst text = "new Error()" // new Error()\nthrow new GoWebError("X")'
    assert.deepEqual(findSourceViolations('src/a.ts', good), [])
  })

  test('notice any in declarations', () => {
    assert.equal(
      findAny('a.d.ts', 'export declare function f<T extends Record<string, any>>(a: T): void').length,
      1,
    )
    assert.deepEqual(findAny('a.d.ts', 'export declare const any: "any"'), [])
  })

  test('notice exports without a docstring, through re-exports', () => {
    const files: Record<string, string> = {
      'src/index.ts': `export { a, b as c } from './a.ts'\nexport type { T } from './b.ts'\nexport * from './c.ts'`,
      'src/a.ts': `/** Does a. */\nexport function a() {}\nexport const b = 1`,
      'src/b.ts': `export { T } from './d.ts'`,
      'src/d.ts': `/** ${'Long '.repeat(30)}. */\nexport interface T {}`,
    }
    const found = findUndocumented('src/index.ts', (file) => files[file] ?? '')
    assert.deepEqual(found, [
      'src/a.ts:3: b has no docstring',
      'src/d.ts:2: T begins with a sentence of 151 characters',
      'src/index.ts:3: `export *`; name what is exported',
    ])
  })
})
