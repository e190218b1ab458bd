import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import { mimeType } from '../../../src/http/mime-types.ts'

const COMMON =
  'html htm css js mjs json map txt csv md xml svg png jpg jpeg gif webp avif ico bmp tiff mp3 m4a ogg wav flac webm mp4 mov woff woff2 ttf otf pdf zip gz tar wasm webmanifest ics vtt doc docx xls xlsx ppt pptx epub'.split(
    ' ',
  )

const mimeDb = createRequire(import.meta.url)('mime-db') as Record<string, { extensions?: string[] }>

/** Types of mime-db by extension, all that claim it. */
const claims = new Map<string, Set<string>>()
for (const [type, { extensions = [] }] of Object.entries(mimeDb)) {
  for (const extension of extensions) claims.set(extension, (claims.get(extension) ?? new Set()).add(type))
}

test('every extension has a type that mime-db gives it too', () => {
  // audio/flac is registered (RFC 9639), mime-db has its older name; Zstandard (RFC 8878) is not in it.
  const OWN = { flac: 'audio/flac', zst: 'application/zstd' } as Record<string, string>
  let known = 0
  for (const [extension, types] of claims) {
    const type = mimeType(`a.${extension}`)
    if (type === undefined) continue
    known++
    const essence = type.replace('; charset=utf-8', '')
    assert.ok(
      types.has(essence) || OWN[extension] === essence,
      `${extension}: ${type}, mime-db: ${[...types].join(', ')}`,
    )
  }
  assert.ok(known > 100, String(known))
})

test('what web servers meet is known', () => {
  for (const extension of COMMON) assert.notEqual(mimeType(`a.${extension}`), undefined, extension)
})

test('text has a charset, JSON and the rest do not', () => {
  assert.equal(mimeType('index.html'), 'text/html; charset=utf-8')
  assert.equal(mimeType('/js/app.min.JS'), 'text/javascript; charset=utf-8')
  assert.equal(mimeType('a.json'), 'application/json')
  assert.equal(mimeType('a.svg'), 'image/svg+xml')
  assert.equal(mimeType('png'), 'image/png')
  assert.equal(mimeType('.html'), 'text/html; charset=utf-8')
})

test('what is unknown has no type', () => {
  for (const path of [
    '',
    'a',
    'a.',
    'a.unknown',
    'a.png/b',
    String.raw`a.png\b`,
    'a.__proto__',
    'constructor',
  ]) {
    assert.equal(mimeType(path), undefined, path)
  }
})
