import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { contentDisposition } from '../../src/http/content-disposition.ts'
import { parseEntityTags } from '../../src/http/entity-tag.ts'
import { formatHttpDate, parseHttpDate } from '../../src/http/http-date.ts'
import { parseMediaType } from '../../src/http/media-type.ts'
import { fuzzOptions } from './fuzz-options.ts'

const DAY_NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

test('parseHttpDate reads any second in its three forms', () => {
  // The form with two digits for the year means the last century or this one, so only years near to now.
  const time = fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => seconds * 1_000)
  fc.assert(
    fc.property(time, (timeMs) => {
      const imf = formatHttpDate(timeMs)
      const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(imf) ?? []
      const name = DAY_NAMES[new Date(timeMs).getUTCDay()] ?? ''
      assert.equal(parseHttpDate(imf), timeMs)
      assert.equal(
        parseHttpDate(`${name.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`),
        timeMs,
      )
      if (Number(year) < new Date().getUTCFullYear() - 49) return
      assert.equal(parseHttpDate(`${name}, ${day}-${month}-${year?.slice(2)} ${clock} GMT`), timeMs)
    }),
    fuzzOptions(5_000),
  )
})

test('parseHttpDate reads nothing that Date.parse reads otherwise', () => {
  const sound = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => formatHttpDate(seconds * 1_000))
  const mutated = fc
    .tuple(sound, fc.nat(28), fc.constantFrom('', ' ', '0', '9', ':', '-', 'a', 'GMT'))
    .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + 1))
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ maxLength: 30 })), (text) => {
      const timeMs = parseHttpDate(text)
      if (timeMs !== undefined && !text.includes(':60 ')) assert.equal(timeMs, Date.parse(text), text)
    }),
    fuzzOptions(10_000),
  )
})

test('parseEntityTags gives back any list of tags', () => {
  const opaque = fc.stringMatching(/^[\x21\x23-\x7e\x80-\xff]*$/)
  const tag = fc.tuple(fc.constantFrom('', 'W/'), opaque).map(([weak, text]) => `${weak}"${text}"`)
  fc.assert(
    fc.property(fc.array(tag, { maxLength: 5 }), fc.constantFrom(',', ', ', ' ,\t', ',,'), (tags, comma) => {
      assert.deepEqual(parseEntityTags(tags.join(comma)), tags)
    }),
    fuzzOptions(3_000),
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('"', 'W', '/', ',', ' ', 'a', '*', '\t', 'é'), maxLength: 20 }),
      (text) => {
        const tags = parseEntityTags(text)
        for (const each of tags === '*' ? [] : tags) {
          assert.match(each, /^(?:W\/)?"[^" ]*"$/)
          assert.ok(text.includes(each))
        }
      },
    ),
    fuzzOptions(10_000),
  )
})

test('parseMediaType gives back any type and charset', () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
  const quoted = fc
    .string({ unit: 'grapheme-ascii', maxLength: 12 })
    .map((text) => text.replaceAll(/["\\]/g, ''))
  const space = fc.constantFrom('', ' ', '\t', '  ')
  const other = fc
    .tuple(
      token,
      fc.oneof(
        token,
        quoted.map((text) => `"${text}"`),
      ),
    )
    .filter(([name]) => name.toLowerCase() !== 'charset')
    .map(([name, value]) => `${name}=${value}`)
  fc.assert(
    fc.property(
      token,
      token,
      fc.array(other, { maxLength: 3 }),
      fc.option(token),
      fc.boolean(),
      space,
      (type, subtype, others, charset, isQuoted, gap) => {
        const own = charset === null ? [] : [isQuoted ? `Charset="${charset}"` : `charset=${charset}`]
        const header = [`${type}/${subtype}`, ...others, ...own].join(`${gap};${gap}`)
        const expected = { essence: `${type}/${subtype}`.toLowerCase(), charset: charset?.toLowerCase() }
        if (header.length <= 1_024) assert.deepEqual(parseMediaType(header), expected)
      },
    ),
    fuzzOptions(5_000),
  )
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('a', '/', ';', '=', '"', '\\', ' ', 'charset', ',', '\0'),
        maxLength: 30,
      }),
      (text) => {
        const essence = parseMediaType(text)?.essence
        if (essence !== undefined) assert.match(essence, /^[^\s/;="\\,\0]+\/[^\s/;="\\,\0]+$/)
      },
    ),
    fuzzOptions(10_000),
  )
})

test('contentDisposition is one line from which the name can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (name) => {
      const header = contentDisposition('attachment', name)
      assert.match(header, /^attachment; filename="[\x20-\x7e]*"(?:; filename\*=UTF-8''[\x21-\x7e]+)?$/)
      const extended = /filename\*=UTF-8''(.*)$/.exec(header)?.[1]
      const plain = /filename="([^"]*)"/.exec(header)?.[1]
      const read = extended === undefined ? plain : decodeURIComponent(extended)
      assert.equal(read, name.toWellFormed().replaceAll(/[\p{Cc}/\\]/gu, '_'))
    }),
    fuzzOptions(5_000),
  )
})
