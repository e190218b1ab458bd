import assert from 'node:assert/strict'

import type { ErrorCode } from '../../../src/errors/codes.ts'
import { GoWebError } from '../../../src/errors/goweb-error.ts'

/** For `assert.throws` and `assert.rejects`: a GoWebError of this code, with a message that matches. */
export function hasCode(code: ErrorCode, message?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof GoWebError, `expected ${code}, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    if (message !== undefined) assert.match(error.message, message)
    return true
  }
}
