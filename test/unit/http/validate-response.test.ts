import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import * as z from 'zod'

import { jsonReply } from '../../../src/http/json-reply.ts'
import { problemReply } from '../../../src/http/problem.ts'
import { Reply } from '../../../src/http/reply.ts'
import { toReply } from '../../../src/http/to-reply.ts'
import { validateResponse } from '../../../src/http/validate-response.ts'
import { hasCode } from './has-code.ts'

const schema = z.object({ id: z.number(), at: z.date() })
const value = { id: 1, at: new Date(0), password: 'secret' }

describe('validateResponse', () => {
  test('gives what the schema gives, for values and c.json() alike', () => {
    assert.deepEqual(validateResponse(schema, value), { id: 1, at: new Date(0) })
    const reply = jsonReply(value, 201)
    const checked = validateResponse(schema, reply)
    assert.ok(checked instanceof Reply)
    assert.equal(checked.body, '{"id":1,"at":"1970-01-01T00:00:00.000Z"}')
    assert.equal(checked.status, 201)
    assert.deepEqual(reply.body, JSON.stringify(value), 'a reply that the handler keeps stays as it was')
  })

  test('awaits schemas that take their time', async () => {
    const later = schema.refine(async () => Promise.resolve(true))
    const result = validateResponse(later, value)
    assert.ok(result instanceof Promise)
    assert.equal(toReply(await result).body, '{"id":1,"at":"1970-01-01T00:00:00.000Z"}')
  })

  test('passes on Responses, other replies and other statuses', () => {
    for (const returned of [
      new Response('x'),
      new Reply(204, null, undefined),
      new Reply(200, 'x', 'text/plain'),
      jsonReply({ error: 'x' }, 404),
    ]) {
      assert.equal(validateResponse(schema, returned), returned)
    }
  })

  test('refuses what does not fit, and tells only the log why', () => {
    const wrong = { id: 'secret', at: new Date(0) }
    for (const returned of [wrong, jsonReply(wrong, 200), undefined, 'text', null]) {
      assert.throws(
        () => validateResponse(schema, returned),
        (error) => {
          hasCode('RESPONSE_INVALID')(error)
          const reply = problemReply(error)
          assert.equal(reply.status, 500)
          assert.match(JSON.stringify(reply.body), /INTERNAL/)
          assert.doesNotMatch(JSON.stringify(reply.body), /id|schema|secret/)
          return true
        },
      )
    }
    assert.throws(() => validateResponse(schema, wrong), hasCode('RESPONSE_INVALID', /\/id: /))
    assert.throws(() => validateResponse(schema, null), hasCode('RESPONSE_INVALID', /the whole: /))
  })
})
