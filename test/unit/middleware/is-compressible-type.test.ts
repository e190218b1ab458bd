import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'

import { isCompressibleType } from '../../../src/middleware/encoding/is-compressible-type.ts'

// Data without types; a JSON import would need another file of the package.
const db = createRequire(import.meta.url)('mime-db') as Record<string, { compressible?: boolean }>

// Where we mean to differ: event streams live long; archives, disk images and unknown bytes are mostly compressed inside.
const OURS =
  /^text\/event-stream$|^application\/(?:octet-stream|tar|x-tar|x-virtualbox-.*)$|^image\/vnd\.(?:adobe\.photoshop|ms-dds)$/

describe('isCompressibleType', () => {
  test('agrees with mime-db wherever that says something', () => {
    const different: string[] = []
    for (const [type, { compressible }] of Object.entries(db)) {
      if (compressible === undefined) continue
      const expected = compressible && !OURS.test(type)
      if (isCompressibleType(type) !== expected) different.push(`${type}: ${compressible}`)
    }
    assert.deepEqual(different, [])
  })

  test('takes text of any kind, and leaves out media', () => {
    for (const type of [
      'text/x-new',
      'application/vnd.x+json',
      'application/x-ndjson',
      'IMAGE/SVG+XML',
      'text/html; charset=utf-8',
    ]) {
      assert.equal(isCompressibleType(type), true, type)
    }
    for (const type of [
      'image/png',
      'video/mp4',
      'audio/ogg',
      'font/woff2',
      'application/zip',
      'application/pdf',
      '',
      'text',
      'x/text/html',
    ]) {
      assert.equal(isCompressibleType(type), false, type)
    }
  })
})
