import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { ECHO_SECTIONS, SECTIONS } from './cases/all-cases.ts'
import { frame, reply, type ConformanceCase } from './cases/conformance-case.ts'
import { REQUIRED_ECHO_IDS, REQUIRED_IDS } from './cases/required-ids.ts'
import { UTF8_SEQUENCES } from './cases/utf8-sequences.ts'
import { renderConformanceDoc } from './render-doc.ts'
import { hex, repeated, utf8 } from './wire/bytes.ts'
import { clientFrame, serverFrame } from './wire/frames.ts'

describe('conformance fixtures', () => {
  const rows = SECTIONS.flatMap(({ cases }) => cases)

  test('have every case of the suite once, in its order', () => {
    assert.equal(REQUIRED_IDS.length, 251)
    assert.deepEqual(
      rows.map(({ id }) => id),
      REQUIRED_IDS,
    )
  })

  test('have every case that echoes messages once, in the order of the suite', () => {
    assert.equal(REQUIRED_ECHO_IDS.length, 270)
    assert.deepEqual(
      ECHO_SECTIONS.flatMap(({ groups }) => groups.flatMap(({ cases }) => cases.map(({ id }) => id))),
      REQUIRED_ECHO_IDS,
    )
  })

  test('are written with frames as RFC 6455 section 5.7 shows them', () => {
    assert.deepEqual(serverFrame(0x81, utf8('Hello')), hex('81 05 48 65 6c 6c 6f'))
    assert.deepEqual(clientFrame(0x81, utf8('Hello')), hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'))
    assert.deepEqual(clientFrame(0x8a, utf8('Hello')), hex('8a 85 37 fa 21 3d 7f 9f 4d 51 58'))
    assert.deepEqual(reply(0x01, 'Hel'), hex('01 03 48 65 6c'))
    assert.deepEqual(reply(0x80, 'lo'), hex('80 02 6c 6f'))
    assert.deepEqual(serverFrame(0x82, repeated(7, 256)).subarray(0, 5), hex('82 7e 0100 07'))
    assert.deepEqual(serverFrame(0x82, repeated(7, 65_536)).subarray(0, 11), hex('82 7f 0000000000010000 07'))
    assert.deepEqual(frame(0x89), hex('89 80 37fa213d'))
  })

  test('say rightly what is UTF-8', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const isUtf8 = (bytes: Uint8Array): boolean => {
      try {
        decoder.decode(bytes)
        return true
      } catch {
        return false
      }
    }
    for (const row of UTF8_SEQUENCES)
      assert.equal(isUtf8(payloadOf(row)), row.ending.kind === 'clean', row.id)
  })

  test('are what docs/conformance.md says (if not: npm run docs:conformance)', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8')
    assert.equal(page, renderConformanceDoc())
  })
})

/** The payload of a case that sends one short frame, unmasked again. */
function payloadOf({ steps }: ConformanceCase): Buffer {
  const bytes = steps[0]?.bytes ?? Buffer.alloc(0)
  const key = bytes.subarray(2, 6)
  return Buffer.from(bytes.subarray(6)).map((byte, i) => byte ^ (key[i % 4] ?? 0)) as Buffer
}
