import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { SocketClient } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import type { Usage } from './leak-server.ts'
import { makeVisits } from './visits.ts'

/** `LEAK_CONNECTIONS=100000` for the full run. */
const CONNECTIONS = Number(process.env['LEAK_CONNECTIONS'] ?? 1_500)
/** Enough for every code path to be compiled and every cache to be filled. */
const WARM_UP = 300
/** What may differ between two measurements of the same server. */
const TOLERANCE_BYTES = 3_000_000
/** Of each class; one object for each connection of one kind is 100 in the short run. */
const TOLERANCE_OBJECTS = 25

describe('connects and closes', () => {
  let child: ChildProcess
  let port: number
  before(async () => {
    child = fork(join(import.meta.dirname, 'leak-server.ts'), {
      execArgv: ['--expose-gc', '--conditions=goweb-source', '--disable-warning=ExperimentalWarning'],
    })
    ;[{ port }] = (await once(child, 'message')) as [{ port: number }]
  })
  after(() => child.kill('SIGKILL'))

  async function measure(): Promise<Usage> {
    child.send('measure')
    return ((await once(child, 'message')) as [Usage])[0]
  }

  /** Waits until the server has noticed all that clients did. */
  async function settle(): Promise<Usage> {
    let usage = await measure()
    while (usage.openSockets > 0) usage = await measure()
    return usage
  }

  test(`${CONNECTIONS} of all kinds leave the heap as it was`, async () => {
    await makeVisits(port, WARM_UP)
    const start = await settle()
    await makeVisits(port, CONNECTIONS)
    const end = await settle()

    const show = ({ heapBytes, bufferBytes, rssBytes }: Usage): string =>
      [heapBytes, bufferBytes, rssBytes].map((bytes) => (bytes / 1e6).toFixed(2)).join(' / ')
    console.log(
      `note: ${CONNECTIONS} connections; heap / buffers / RSS in MB ${show(start)}, then ${show(end)}`,
    )
    console.log(`note: objects ${JSON.stringify(start.objects)}, then ${JSON.stringify(end.objects)}`)
    for (const [name, count] of Object.entries(end.objects)) {
      assert.ok(
        count - (start.objects[name] ?? 0) < TOLERANCE_OBJECTS,
        `${name}: ${start.objects[name]}, then ${count}`,
      )
    }
    assert.ok(end.heapBytes - start.heapBytes < TOLERANCE_BYTES, 'the heap has grown')
    assert.ok(end.bufferBytes - start.bufferBytes < TOLERANCE_BYTES, 'the buffers have grown')
    assert.equal(end.subscribers, 0)
    assert.deepEqual(end.warnings, [])
    assert.deepEqual(end.errors, [])
  })

  test('a thousand requests on one connection add no listener to it', async () => {
    const client = await TcpClient.connect({ port })
    const listeners = async (): Promise<unknown> => {
      await client.write(request('GET /listeners'))
      return (await takeResponse(client)).json()
    }
    await listeners()
    const start = await listeners()
    for (let i = 0; i < 100; i++) {
      await client.write(request('GET /hello/you').repeat(10))
      for (let answer = 0; answer < 10; answer++) await takeResponse(client)
    }
    assert.deepEqual(await listeners(), start)
    await client.close()
  })

  test('after close the process ends by itself, whatever clients are left', async () => {
    const idle = await TcpClient.connect({ port })
    const kept = await TcpClient.connect({ port })
    await kept.write(request('GET /hello/you'))
    await takeResponse(kept)
    const socket = await SocketClient.open({ port })
    const exited = once(child, 'exit')
    child.send('close')
    assert.equal(await socket.takeClose(), 1001)
    await socket.sendClose(1001)
    assert.deepEqual(await exited, [0, null])
    await Promise.all([idle.close(), kept.close(), socket.tcp.close()])
  })
})
