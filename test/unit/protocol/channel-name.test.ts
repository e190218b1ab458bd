import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { channelName, isCanonicalName } from '../../../src/protocol/channel-name.ts'

describe('the name of a channel', () => {
  const names: [pattern: string, params: Record<string, string | number>, name: string][] = [
    ['lobby', {}, 'lobby'],
    ['rooms/{room}', { room: 42 }, 'rooms/42'],
    ['rooms/{room}/typing', { room: 'a/b c' }, 'rooms/a%2Fb%20c/typing'],
    ['rooms/{room}', { room: 'été:王@1' }, 'rooms/été:王@1'],
    ['rooms/{room}', { room: '50%' }, 'rooms/50%25'],
    ['days/{date:[0-9]{4}-[0-9]{2}}/{n:[0-9]+}', { date: '2026-11', n: 7 }, 'days/2026-11/7'],
    ['files/{path...}', { path: 'a/b c/d' }, 'files/a/b%20c/d'],
    ['{a}.{b}', { a: '{x}', b: '?#\\' }, '%7Bx%7D.%3F%23%5C'],
  ]
  for (const [pattern, params, name] of names) {
    test(`of ${pattern} is ${name}, and canonical`, () => {
      assert.equal(
        channelName(pattern, (variable) => String(params[variable])),
        name,
      )
      assert.ok(isCanonicalName(name))
    })
  }
})

describe('a name', () => {
  const others = ['a b', 'a%2fb', 'a%41', '%E7%8E%8B', 'a%', 'a%zz', 'a%FF', 'a?b', 'a\tb', '\uD800', 'a{b}']
  for (const name of others) {
    test(`that is ${JSON.stringify(name)} is not canonical`, () => assert.equal(isCanonicalName(name), false))
  }
})
