import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, type Server } from 'goweb'
import { SECTIONS } from './cases/all-cases.ts'
import { onThisRuntime } from './cases/on-bun.ts'
import { REQUIRED_IDS } from './cases/required-ids.ts'
import { octetsOf, runCase } from './run-case.ts'

/** Cases of more octets are not run octet by octet: they would take most of the time and cross no other border. */
const MOST_OCTETS = 2_000

describe('RFC 6455, byte by byte', () => {
  const errors: unknown[] = []
  let server: Server
  before(async () => {
    const app = new GoWeb({ report: (error) => errors.push(error) }).ws('/echo', {
      maxPayloadBytes: 16 * 1024 * 1024,
      message: (socket, message) => void socket.send(message),
    })
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  after(() => server.close(0))

  test('has a row for every case of the suite, in its order', () => {
    const ids = SECTIONS.flatMap(({ cases }) => cases.map(({ id }) => id))
    assert.deepEqual(ids, REQUIRED_IDS)
  })

  for (const { title, cases } of SECTIONS) {
    describe(title, () => {
      for (const row of cases) {
        test(`${row.id} ${row.sends}`, () => runCase(onThisRuntime(row), { port: server.port }))
      }
    })
    describe(`${title}, octet by octet`, () => {
      for (const row of cases.filter((each) => octetsOf(each) <= MOST_OCTETS)) {
        test(`${row.id} ${row.sends}`, () =>
          runCase(onThisRuntime(row), { port: server.port, isOctetwise: true }))
      }
    })
  }

  test('none of this is an error of the server', () => assert.deepEqual(errors, []))
})
