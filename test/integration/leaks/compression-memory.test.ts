import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { clientFrame } from '../../unit/websocket/client-frame.ts'
import { deflated } from '../../unit/websocket/deflating-client.ts'
import { FakeServer, type FakeSocket } from '../../unit/websocket/fake-server.ts'
import { compression, ManualCodec } from '../../unit/websocket/manual-codec.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const SOCKETS = 200
// More than a window, and little enough to be done at once.
const text = Array.from({ length: 3_000 }, (_, index) => `message ${index ** 2}`).join()

async function bytesInUse(): Promise<number> {
  // Memory of buffers is given back beside the collection that finds them unused.
  for (let i = 0; i < 10; i++) {
    collectGarbage()
    await setTimeout(10)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

// What docs/guide/websockets.md says of the memory of a connection.
for (const [name, toClient, ofClient, most] of [
  ['neither', true, true, 8],
  ['to the client', false, true, 40],
  ['of the client', true, false, 40],
  ['both', false, false, 72],
] as const) {
  test(`takeover ${name}: at most ${most} KiB for a socket that sent and received more than a window`, async (t) => {
    const options = { serverNoContextTakeover: toClient, clientNoContextTakeover: ofClient }
    const server = new FakeServer()
    const setup = compression(options, new ManualCodec(Infinity))
    const frame = clientFrame(1, deflated(text), { rsv: 4 })
    const before = await bytesInUse()
    const sockets: FakeSocket[] = []
    for (let i = 0; i < SOCKETS; i++) {
      const { socket, connection } = server.open({}, {}, setup)
      socket.receive(Uint8Array.from(frame))
      socket.send(text)
      server.endTurn()
      connection.clear()
      sockets.push(socket)
    }
    assert.deepEqual(server.errors, [])
    const kib = ((await bytesInUse()) - before) / SOCKETS / 1_024
    t.diagnostic(`${kib.toFixed(1)} KiB`)
    assert.ok(kib <= most, `${kib.toFixed(1)} KiB`)
    assert.equal(sockets.length, SOCKETS)
    for (const socket of sockets) socket.handleClose()
    assert.ok(((await bytesInUse()) - before) / SOCKETS / 1_024 < 8, 'what is closed holds no window')
    assert.equal(sockets.length, SOCKETS)
  })
}
