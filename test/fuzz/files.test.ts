import assert from 'node:assert/strict'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix, sep } from 'node:path'
import { after, before, test } from 'node:test'

import * as fc from 'fast-check'

import { locateFile } from '../../src/http/locate-file.ts'
import { fuzzOptions } from './fuzz-options.ts'

const FILES = ['a', 'b.txt', 'sub/a', 'sub/deep/a', '.env', 'sub/.hidden/a', '.well-known/a']
const PIECES = [
  'a',
  'b.txt',
  'sub',
  'deep',
  '/',
  '//',
  '.',
  '..',
  '../',
  '/..',
  '\\',
  '\0',
  '%2e%2e',
  '%2f',
  '.env',
  '.hidden',
  '.well-known',
  'out',
  'in',
  'root',
  'outside',
  ' ',
  '...',
  ':',
  '~',
  '*',
  '\u2024',
  '\uff0e\uff0e',
]

let top = ''
let root = ''

before(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'goweb-fuzz-')))
  root = join(top, 'root')
  for (const file of FILES) {
    await mkdir(join(root, posix.dirname(file)), { recursive: true })
    await writeFile(join(root, file), file)
  }
  await writeFile(join(top, 'outside'), '')
  await writeFile(join(top, 'a'), '')
  await symlink(top, join(root, 'out'))
  await symlink(join(root, 'sub'), join(root, 'in'))
})

after(() => rm(top, { recursive: true }))

/** The file that a path means, if it may be served: every segment is plain, and links stay inside. */
function oracle(path: string): string | undefined {
  if (/[\0\\]/.test(path) || path.endsWith('/')) return undefined
  const segments = path.split('/').filter((segment) => segment !== '')
  if (segments.some((segment, i) => segment.startsWith('.') && !(i === 0 && segment === '.well-known')))
    return undefined
  const linked = segments[0] === 'in' ? ['sub', ...segments.slice(1)] : segments
  return FILES.includes(linked.join('/')) ? linked.join('/') : undefined
}

test('locateFile finds what a naive reading finds, and nothing outside of the root', async () => {
  const path = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join('')),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((pieces) => pieces.join('/')),
  )
  await fc.assert(
    fc.asyncProperty(path, async (text) => {
      const found = await locateFile(text, { root })
      if (found !== undefined) assert.ok(found.path === root || found.path.startsWith(root + sep), found.path)
      const expected = oracle(text)
      const file = found?.kind === 'file' ? found.path : undefined
      assert.equal(file, expected === undefined ? undefined : join(root, expected))
    }),
    fuzzOptions(3_000),
  )
})
