import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Json } from '../../../../src/protocol/json.ts'
import { encodePayload } from '../../../../src/realtime/encode-payload.ts'
import { toKeyed } from '../../../../src/realtime/keyed-publication.ts'

const tricky = fc.constantFrom(
  '"',
  '\\',
  ',"key":"',
  ',"removed":true}',
  '\\"',
  '{',
  '}',
  'a',
  'é',
  '\n',
  '💶',
)
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(tricky).map((parts) => parts.join('')),
)
const value = fc.oneof(
  fc.jsonValue() as fc.Arbitrary<Json>,
  fc.record({ key: text, removed: fc.boolean(), other: text }),
)

test('the key of a payload is the one that was written, whatever is beside it', () => {
  fc.assert(
    fc.property(
      value,
      text,
      fc.boolean(),
      fc.option(text, { nil: undefined }),
      (data, key, removed, event) => {
        const payload = encodePayload(
          { data, event, key, removed },
          { clientInfo: '{"user":"ann","client":"1"}', id: event, timeMs: 1 },
        )
        const keyed = toKeyed({ payload, offset: 7, previousOffset: 6, epoch: 'e' })
        assert.deepEqual(keyed, { key, removed, offset: 7, payload })
      },
    ),
  )
})

test('a payload without a key has none, whatever its data', () => {
  fc.assert(
    fc.property(value, fc.option(text, { nil: undefined }), (data, event) => {
      const payload = encodePayload({ data, event }, { clientInfo: undefined, id: event, timeMs: 1 })
      assert.equal(toKeyed({ payload, offset: 1, previousOffset: 0, epoch: 'e' }), undefined)
    }),
  )
})
