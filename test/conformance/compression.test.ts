import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, type Server } from 'goweb'
import { COMPRESSED_PAYLOADS, COMPRESSION_PARAMETERS } from './cases/compression.ts'
import { describeEcho, type EchoCase } from './cases/echo-case.ts'
import { agreementOnThisRuntime } from './cases/on-bun.ts'
import { REQUIRED_ECHO_IDS } from './cases/required-ids.ts'
import { runEchoCase } from './run-echo-case.ts'

/** How many messages a case sends at most, instead of the 1000 of the suite. `CONFORMANCE_MESSAGES=1000` sends them all. */
const MOST_MESSAGES = Number(process.env['CONFORMANCE_MESSAGES'] ?? 100)
/** Without that, a case ends with the message that brings it here, but has five at least. */
const ENOUGH_BYTES = process.env['CONFORMANCE_MESSAGES'] === undefined ? 262_144 : Infinity

function mostMessages({ payloadBytes }: EchoCase): number {
  return Math.min(MOST_MESSAGES, Math.max(5, Math.ceil(ENOUGH_BYTES / payloadBytes)))
}

describe('RFC 7692, message by message', () => {
  const errors: unknown[] = []
  let server: Server
  before(async () => {
    const app = new GoWeb({ report: (error) => errors.push(error) }).ws('/deflate', {
      // Whatever the client does not forbid.
      compression: { thresholdBytes: 0, serverNoContextTakeover: false, clientNoContextTakeover: false },
      message: (socket, message) => void socket.send(message),
    })
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  after(() => server.close(0))

  const groups = [...COMPRESSED_PAYLOADS, ...COMPRESSION_PARAMETERS]

  test('has a case for every number of sections 12 and 13, in the order of the suite', () => {
    const ids = groups.flatMap(({ cases }) => cases.map(({ id }) => id))
    assert.deepEqual(
      ids,
      REQUIRED_ECHO_IDS.filter((id) => /^1[23]\./.test(id)),
    )
  })

  for (const { id, title, cases } of groups) {
    describe(`${id} ${title}`, () => {
      for (const row of cases) {
        test(`${row.id} ${describeEcho(row)}`, () =>
          runEchoCase(row, {
            port: server.port,
            target: '/deflate',
            mostMessages: mostMessages(row),
            ...agreementOnThisRuntime(row),
          }))
      }
    })
  }

  test('none of this is an error of the server', () => assert.deepEqual(errors, []))
})
