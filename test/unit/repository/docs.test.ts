import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, test } from 'node:test'
import { readMarkdown } from './markdown.ts'
import { ROOT, projectFiles, readProjectFile } from './project-files.ts'

/** Names every link of a page that leads nowhere. Links out of the repository are not followed. */
function findBrokenLinks(page: string, read: (file: string) => string | undefined): string[] {
  const { links, anchors } = readMarkdown(read(page) ?? '')
  const broken: string[] = []
  for (const link of links) {
    if (/^[a-z][a-z\d+.-]*:/i.test(link)) continue
    const [path = '', fragment] = decodeURI(link).split('#', 2)
    const target = path === '' ? page : posix.join(posix.dirname(page), path)
    const text = target.startsWith('..') || posix.isAbsolute(path) ? undefined : read(target)
    if (text === undefined) broken.push(`${page}: ${link} is not in the repository`)
    else if (fragment !== undefined && target.endsWith('.md')) {
      const names = path === '' ? anchors : readMarkdown(text).anchors
      if (!names.has(fragment)) broken.push(`${page}: ${link} has no such heading`)
    }
  }
  return broken
}

/** The text of a file of the repository; empty for a folder; undefined for what does not exist. */
function readIfThere(file: string): string | undefined {
  if (!existsSync(join(ROOT, file))) return undefined
  return file.endsWith('.md') ? readProjectFile(file) : ''
}

describe('documentation', () => {
  for (const page of projectFiles('.', /\.md$/)) {
    test(`${page} has no broken link`, () => {
      assert.deepEqual(findBrokenLinks(page, readIfThere), [])
    })
  }
})

describe('the check of links', () => {
  const pages: Record<string, string> = {
    'docs/other.md': '# Other page\n## `c.json()` & more\n## Twice\n## Twice\n<a id="by_hand"></a>\n',
    LICENSE: '',
  }
  const check = (text: string): string[] => {
    return findBrokenLinks('docs/page.md', (file) => (file === 'docs/page.md' ? text : pages[file]))
  }

  test('follows links to files and headings', () => {
    const text = [
      '# Page\n[a](other.md) [b](./other.md#cjson--more) ![c](../LICENSE "title") [d](#page) [e](https://example.com/x#y)',
      '[f](other.md#twice-1) [g](other.md#by_hand) <a href="other.md#twice">h</a> [i][ref]\n\n[ref]: other.md#other-page',
    ]
    assert.deepEqual(check(text.join('\n')), [])
  })

  test('notices what leads nowhere, and only what is a link', () => {
    const text =
      '[a](gone.md) [b](other.md#gone) [c](#gone) `[d](gone.md)`\n```md\n[e](gone.md)\n```\n<!-- [f](gone.md) -->'
    assert.deepEqual(check(text), [
      'docs/page.md: gone.md is not in the repository',
      'docs/page.md: other.md#gone has no such heading',
      'docs/page.md: #gone has no such heading',
    ])
    assert.equal(check('[![badge](gone.svg)](other.md)').length, 1)
    assert.equal(check('[a](../../outside.md)').length, 1)
  })
})
