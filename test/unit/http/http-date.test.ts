import assert from 'node:assert/strict'
import { test } from 'node:test'

import { formatHttpDate, parseHttpDate } from '../../../src/http/http-date.ts'

const TIME = Date.UTC(1994, 10, 6, 8, 49, 37)

test('parseHttpDate reads the three forms of RFC 9110 section 5.6.7', () => {
  for (const text of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ]) {
    assert.equal(parseHttpDate(text), TIME, text)
  }
  assert.equal(parseHttpDate('Sun Nov 16 08:49:37 1994'), TIME + 10 * 86_400_000)
})

test('parseHttpDate reads what formatHttpDate writes', () => {
  for (let timeMs = 0; timeMs < 4_000_000_000_000; timeMs += 987_654_321_000) {
    assert.equal(parseHttpDate(formatHttpDate(timeMs)), timeMs)
  }
  assert.equal(formatHttpDate(TIME + 999), 'Sun, 06 Nov 1994 08:49:37 GMT')
})

test('parseHttpDate takes a year of two digits as the nearest in the past', () => {
  const thisYear = new Date().getUTCFullYear()
  const twoDigits = (year: number): string => String(year % 100).padStart(2, '0')
  const yearOf = (year: number): number =>
    new Date(parseHttpDate(`Sunday, 06-Nov-${twoDigits(year)} 08:49:37 GMT`) ?? 0).getUTCFullYear()
  assert.equal(yearOf(thisYear), thisYear)
  assert.equal(yearOf(thisYear - 40), thisYear - 40)
  assert.equal(yearOf(thisYear + 49), (thisYear + 49) % 100 < thisYear % 100 ? thisYear - 51 : thisYear + 49)
})

test('parseHttpDate refuses everything else', () => {
  for (const text of [
    '',
    '0',
    '1994-11-06T08:49:37Z',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 0094 08:49:37 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
  ]) {
    assert.equal(parseHttpDate(text), undefined, text)
  }
})
