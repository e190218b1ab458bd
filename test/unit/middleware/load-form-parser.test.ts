import assert from 'node:assert/strict'
import { test } from 'node:test'

import { loadFormParser } from '../../../src/middleware/multipart/load-form-parser.ts'
import { hasCode } from '../http/has-code.ts'

test('tells how to install the parser where it is missing, when it is needed', async () => {
  const cause = new Error('Cannot find package')
  const formParser = await loadFormParser(() => Promise.reject(cause))
  assert.throws(formParser, (error) => {
    assert.equal((error as Error).cause, cause)
    return hasCode('MULTIPART_PARSER_MISSING', /npm install busboy/)(error)
  })
  assert.equal(typeof (await loadFormParser())(), 'function')
})
