import assert from 'node:assert/strict'
import { closeFrame, type ConformanceCase } from './cases/conformance-case.ts'
import { hex, showBytes } from './wire/bytes.ts'
import { SocketClient } from './wire/socket-client.ts'

/** How a case is run. */
export interface RunOptions {
  readonly port: number
  /** Instead of what the case says: every octet in a piece of its own. */
  readonly isOctetwise?: boolean
}

/** Plays a case against the echo endpoint of a server; throws where the server answers anything else. */
export async function runCase(row: ConformanceCase, options: RunOptions): Promise<void> {
  const client = await SocketClient.open({ port: options.port, target: '/echo' })
  const { tcp } = client
  try {
    for (const step of row.steps) {
      if (step.kind === 'get') assertBytes(await tcp.take(step.bytes.length), step.bytes)
      else if (options.isOctetwise === true) await tcp.writeInChops(step.bytes, 1)
      else await tcp.writeInChops(step.bytes, step.chop ?? step.bytes.length)
    }
    await assertEnding(row, client)
    assertBytes(await tcp.takeRest(), Buffer.alloc(0))
    // In one piece all octets had arrived when the server closed; octetwise, one may have crossed the close frame and provoked a reset.
    if (options.isOctetwise !== true) assert.equal(await tcp.ending, 'end', 'the connection was reset')
  } finally {
    await tcp.close()
  }
}

async function assertEnding({ ending }: ConformanceCase, client: SocketClient): Promise<void> {
  const { tcp } = client
  if (ending.kind === 'failed') {
    assert.equal(await client.takeClose(), ending.code)
    return
  }
  if (ending.kind === 'clean') await tcp.write(closeFrame(1000))
  const expected = ending.kind === 'clean' ? hex('8802 03e8') : ending.bytes
  assertBytes(await tcp.take(expected.length), expected)
}

function assertBytes(actual: Buffer, expected: Buffer): void {
  if (!actual.equals(expected)) assert.equal(showBytes(actual, 400), showBytes(expected, 400))
}

/** Octets that a case sends. */
export function octetsOf(row: ConformanceCase): number {
  return row.steps.reduce((sum, step) => sum + (step.kind === 'send' ? step.bytes.length : 0), 0)
}
