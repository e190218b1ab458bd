import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import * as fc from 'fast-check'
import { pino, stdTimeFunctions } from 'pino'

import { createLog } from '../../../src/middleware/logger.ts'

/** A destination that keeps its lines. */
function collector(): { readonly lines: string[]; write(line: string): void } {
  const lines: string[] = []
  return { lines, write: (line) => void lines.push(line) }
}

const TIME = /"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/

describe('createLog', () => {
  test('writes what pino writes', () => {
    const ours = collector()
    const theirs = collector()
    const log = createLog({ destination: ours, level: 'debug', fields: { service: 'shop' } })
    const oracle = pino(
      {
        level: 'debug',
        base: { service: 'shop' },
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
      },
      theirs,
    )
    // Names that the line has already and secret ones are where we mean to differ.
    const name = fc.string({ maxLength: 8 }).map((text) => `k${text}`)
    const value = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(
        fc.constantFrom('debug', 'info', 'warn', 'error'),
        fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        (level, fields, message) => {
          log[level](fields, message)
          oracle[level](fields, message)
          log.child({ child: fields })[level](message)
          oracle.child({ child: fields })[level](message)
          for (const _ of [1, 2]) {
            const [own, other] = [ours.lines.shift() ?? '', theirs.lines.shift() ?? '']
            assert.match(own, TIME)
            assert.deepEqual(
              JSON.parse(own.replace(TIME, '"time":0')),
              JSON.parse(other.replace(TIME, '"time":0')),
            )
            assert.deepEqual(Object.keys(JSON.parse(own) as object), Object.keys(JSON.parse(other) as object))
          }
        },
      ),
      { numRuns: 300, seed: 7 },
    )
  })

  test('writes nothing below its level', () => {
    const destination = collector()
    for (const [level, expected] of [
      ['debug', 4],
      [undefined, 3],
      ['warn', 2],
      ['error', 1],
      ['silent', 0],
    ] as const) {
      destination.lines.length = 0
      const log = createLog({ destination, ...(level !== undefined && { level }) })
      for (const method of ['debug', 'info', 'warn', 'error'] as const) log.child({ a: 1 })[method]('x')
      assert.equal(destination.lines.length, expected)
    }
  })

  test('lets no input pass for the fields of the log itself', () => {
    const destination = collector()
    const log = createLog({ destination, fields: { service: 'shop' } }).child({ requestId: 'r1' })
    log.warn({ level: 'info', time: 0, msg: 'forged', service: 'bank', requestId: 'r2', other: 1 }, 'real')
    const line = JSON.parse(destination.lines[0]?.replace(TIME, '"time":0') ?? '') as object
    assert.deepEqual(Object.entries(line), [
      ['level', 'warn'],
      ['time', 0],
      ['service', 'shop'],
      ['requestId', 'r1'],
      ['level_', 'info'],
      ['time_', 0],
      ['msg_', 'forged'],
      ['service_', 'bank'],
      ['requestId_', 'r2'],
      ['other', 1],
      ['msg', 'real'],
    ])
  })

  test('lets a child replace a field, and takes whatever it is given', () => {
    const destination = collector()
    const log = createLog({ destination })
    log.child({ part: 'a', keep: 1 }).child({ part: 'b' }).info('x')
    assert.match(destination.lines[0] ?? '', /Z","part":"b","keep":1,"msg":"x"\}\n$/)
    for (const odd of [null, undefined, 7, Symbol('s')]) log.info(odd as unknown as object)
    log.info({}, 7 as unknown as string)
    assert.equal(destination.lines.length, 6)
    for (const line of destination.lines) JSON.parse(line)
  })

  test('redacts in fields of the log, of children and of lines', () => {
    const destination = collector()
    const log = createLog({ destination, fields: { apiKey: 'x1' }, redact: ['iban'] })
    log.child({ headers: { Cookie: 'x2' } }).info({ iban: 'x3', body: { newPassword: 'x4' } })
    assert.doesNotMatch(destination.lines[0] ?? '', /x[1-4]/)
    assert.equal(destination.lines[0]?.match(/\[redacted\]/g)?.length, 4)
  })
})
