import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWebError, isGoWebError } from '../../../src/errors/goweb-error.ts'
import type { ErrorCode } from '../../../src/errors/codes.ts'

describe('GoWebError', () => {
  const generic: [code: ErrorCode, status: number, closeCode: number][] = [
    ['BAD_REQUEST', 400, 1008],
    ['UNAUTHORIZED', 401, 1008],
    ['FORBIDDEN', 403, 1008],
    ['NOT_FOUND', 404, 1008],
    ['CONFLICT', 409, 1008],
    ['UNPROCESSABLE', 422, 1008],
    ['TOO_MANY_REQUESTS', 429, 1008],
    ['INTERNAL', 500, 1011],
    ['UNAVAILABLE', 503, 1013],
  ]
  for (const [code, status, closeCode] of generic) {
    test(`${code} is ${status} on HTTP and ${closeCode} on a socket`, () => {
      const error = new GoWebError(code)
      assert.equal(error.code, code)
      assert.equal(error.status, status)
      assert.equal(error.closeCode, closeCode)
      assert.notEqual(error.message, '')
    })
  }

  test('closes a socket with 1011 where its code names no close code', () => {
    assert.equal(new GoWebError('ROUTE_NOT_FOUND').closeCode, 1011)
  })

  test('carries message, cause, status, headers and issues', () => {
    const cause = new Error('inner')
    const issues = [{ in: 'body', pointer: '/name', detail: 'is missing' }]
    const headers = { 'retry-after': '5' }
    const error = new GoWebError('UNAVAILABLE', 'Down until five', { cause, status: 502, headers, issues })
    assert.equal(error.name, 'GoWebError')
    assert.equal(error.message, 'Down until five')
    assert.equal(error.cause, cause)
    assert.equal(error.status, 502)
    assert.deepEqual(error.headers, headers)
    assert.deepEqual(error.issues, issues)
    assert.ok(!Object.hasOwn(new GoWebError('UNAVAILABLE'), 'cause'))
  })

  test('is told apart from other errors', () => {
    assert.ok(isGoWebError(new GoWebError('INTERNAL')))
    assert.ok(!isGoWebError(new Error('INTERNAL')))
    assert.ok(!isGoWebError({ code: 'INTERNAL', status: 500 }))
    assert.ok(!isGoWebError(undefined))
  })
})
