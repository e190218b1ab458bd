import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, type Server } from 'goweb'
import { describeEcho } from './cases/echo-case.ts'
import { LIMITS } from './cases/limits.ts'
import { REQUIRED_ECHO_IDS } from './cases/required-ids.ts'
import { runEchoCase } from './run-echo-case.ts'

describe('Large messages, many fragments, small pieces', () => {
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

  test('has a case for every number of section 9, in the order of the suite', () => {
    const ids = LIMITS.flatMap(({ cases }) => cases.map(({ id }) => id))
    assert.deepEqual(
      ids,
      REQUIRED_ECHO_IDS.filter((id) => id.startsWith('9.')),
    )
  })

  for (const { id, title, cases } of LIMITS) {
    describe(`${id} ${title}`, () => {
      for (const row of cases) {
        test(`${row.id} ${describeEcho(row)}`, () => runEchoCase(row, { port: server.port, target: '/echo' }))
      }
    })
  }

  test('none of this is an error of the server', () => assert.deepEqual(errors, []))
})
