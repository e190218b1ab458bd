import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCloseCode } from '../../../src/websocket/close-code.ts'

test('lets through the codes of RFC 6455 section 7.4 and of the IANA registry, and no others', () => {
  const registered = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014])
  for (let code = 0; code < 66_000; code++) {
    assert.equal(isCloseCode(code), registered.has(code) || (code >= 3000 && code <= 4999), String(code))
  }
  assert.equal(isCloseCode(Number.NaN), false)
  assert.equal(isCloseCode(-1), false)
})
