import assert from 'node:assert/strict'
import { BINARY, CLOSE, LAST, MORE, TEXT, closeFrame, reply } from './cases/conformance-case.ts'
import type { EchoCase } from './cases/echo-case.ts'
import { showBytes } from './wire/bytes.ts'
import { clientFrame, closePayload } from './wire/frames.ts'
import { SocketClient } from './wire/socket-client.ts'

const FIN = 0x80

/** Plays a case against an echo endpoint; throws where anything but the payloads comes back. */
export async function runEchoCase(row: EchoCase, options: { readonly port: number }): Promise<void> {
  const client = await SocketClient.open({ port: options.port, target: '/echo' })
  const { tcp } = client
  const first = row.isText ? TEXT : BINARY
  try {
    for (let index = 0; index < row.messages; index++) {
      const payload = row.payload(index)
      assert.equal(payload.length, row.payloadBytes)
      const frames = Buffer.concat(framesOf(first, payload, row.fragmentBytes))
      if (row.chopBytes === undefined) await tcp.write(frames)
      else await tcp.writeInChops(frames, row.chopBytes)
      const echo = await client.takeFrame()
      assert.equal(echo.first, first, `message ${index} came back as another frame`)
      assertPayload(echo.payload, payload, index)
    }
    await tcp.write(closeFrame(1000))
    const rest = await tcp.takeRest()
    assert.equal(showBytes(rest), showBytes(reply(CLOSE, closePayload(1000))))
    assert.equal(await tcp.ending, 'end', 'the connection was reset')
  } finally {
    await tcp.close()
  }
}

/** A message as the frames of a client, each of at most `size` octets. */
function framesOf(first: number, payload: Buffer, size: number = payload.length): Buffer[] {
  if (payload.length <= size) return [clientFrame(first, payload)]
  const frames: Buffer[] = []
  for (let at = 0; at < payload.length; at += size) {
    const opcode = at === 0 ? first - FIN : at + size < payload.length ? MORE : LAST
    frames.push(clientFrame(opcode, payload.subarray(at, at + size)))
  }
  return frames
}

/** Shows where two long payloads differ, not the payloads. */
function assertPayload(actual: Buffer, expected: Buffer, index: number): void {
  if (actual.equals(expected)) return
  const at = expected.findIndex((byte, position) => actual[position] !== byte)
  assert.fail(
    `message ${index} of ${expected.length} octets came back with ${actual.length}, different from octet ${at} on: ${showBytes(actual.subarray(at))} instead of ${showBytes(expected.subarray(at))}`,
  )
}
