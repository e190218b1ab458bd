import assert from 'node:assert/strict'
import { constants, deflateRawSync } from 'node:zlib'
import { BINARY, CLOSE, LAST, MORE, TEXT, closeFrame, reply } from './cases/conformance-case.ts'
import type { EchoCase } from './cases/echo-case.ts'
import { showBytes } from './wire/bytes.ts'
import { offerHeader, readAgreement, type DeflateOffer } from './wire/deflate-agreement.ts'
import { clientFrame, closePayload } from './wire/frames.ts'
import { MessageDeflater } from './wire/message-deflater.ts'
import { SocketClient } from './wire/socket-client.ts'

const FIN = 0x80
const RSV1 = 0x40
const FLUSH_END_BYTES = 4

/** How a case is run. */
export interface RunEchoOptions {
  readonly port: number
  /** The path of the echo endpoint. */
  readonly target: string
  /** What the server agrees to instead of the first offer; `none` when it declines. Default: the first offer. */
  readonly agrees?: DeflateOffer | 'none'
  /** At most so many messages. Default: as many as the case has. */
  readonly mostMessages?: number
}

/** Plays a case against an echo endpoint; throws where anything but the payloads comes back. */
export async function runEchoCase(row: EchoCase, options: RunEchoOptions): Promise<void> {
  const { port, target, mostMessages = row.messages, agrees = row.offers?.[0] ?? 'none' } = options
  const headers = row.offers === undefined ? [] : [offerHeader(row.offers)]
  const client = await SocketClient.open({ port, target, headers })
  const { tcp } = client
  let deflater: MessageDeflater | undefined
  try {
    const extensions = client.response.header('sec-websocket-extensions')
    if (agrees === 'none') assert.equal(extensions, undefined)
    else deflater = new MessageDeflater(readAgreement(extensions, agrees))
    const plain = row.isText ? TEXT : BINARY
    const first = plain | (deflater === undefined ? 0 : RSV1)
    for (let index = 0; index < Math.min(row.messages, mostMessages); index++) {
      const payload = row.payload(index)
      assert.equal(payload.length, row.payloadBytes)
      const sent = deflater === undefined ? payload : await deflater.deflate(payload)
      const frames = Buffer.concat(framesOf(first, sent, row.fragmentBytes))
      if (row.chopBytes === undefined) await tcp.write(frames)
      else await tcp.writeInChops(frames, row.chopBytes)
      const echo = await client.takeFrame()
      // A message that deflating hardly makes shorter may come as it is.
      const isPlain = deflater === undefined || (echo.first === plain && !isShortened(payload))
      assert.equal(echo.first, isPlain ? plain : first, `message ${index} came back as another frame`)
      assertPayload(isPlain ? echo.payload : await deflater!.inflate(echo.payload), payload, index)
    }
    await tcp.write(closeFrame(1000))
    const rest = await tcp.takeRest()
    assert.equal(showBytes(rest), showBytes(reply(CLOSE, closePayload(1000))))
    assert.equal(await tcp.ending, 'end', 'the connection was reset')
  } finally {
    deflater?.close()
    await tcp.close()
  }
}

/** Whether deflating makes a payload shorter by an eighth, whatever the level and memory. */
function isShortened(payload: Buffer): boolean {
  const flushed = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH })
  return (flushed.length - FLUSH_END_BYTES) * 8 < payload.length * 7
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
