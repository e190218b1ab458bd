import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { request } from '../../conformance/wire/exchange.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { ChannelClient } from '../channels/channel-client.ts'
import { ExampleProcess, type ProcessOptions } from '../examples/example-process.ts'

const within = { timeout: 60_000 }
const FLAGS = ['--conditions=goweb-source', '--disable-warning=ExperimentalWarning']

function start(t: TestContext, manner: string, options: ProcessOptions = {}): ExampleProcess {
  const args = [...FLAGS, 'test/integration/drain/signalled-server.ts', manner]
  const server = new ExampleProcess(process.execPath, args, options)
  t.after(() => server.kill())
  return server
}

function makeFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-drain-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'channels.db')
}

async function assertHello(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/hello`)
  assert.equal(await response.text(), 'hello')
}

/** Resolves when nobody listens there any more. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const client = await TcpClient.connect({ port }).catch(() => undefined)
    if (client === undefined) return
    client.reset()
    await client.close()
  }
}

describe('a process that is asked to end', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(
      `by ${signal} stops its app and ends with 0, whatever else would keep it running`,
      within,
      async (t) => {
        const server = start(t, '')
        await assertHello(await server.ready())
        const { code, stdout, stderr } = await server.stop(signal)
        assert.deepEqual([code, stderr], [0, []])
        assert.deepEqual(
          stdout.map((line) => line.replace(/ http.*/, '')),
          ['heeds signals', 'starts', 'listens on', 'stops'],
        )
      },
    )
  }

  test('while it starts undoes the start and never listens', within, async (t) => {
    const server = start(t, 'slow-start')
    await server.said('starts')
    const { code, stdout, stderr } = await server.stop()
    assert.deepEqual([code, stderr], [0, []])
    assert.deepEqual(stdout, ['heeds signals', 'starts', 'stops'])
  })

  test('while it waits for the file that another process has, just ends', within, async (t) => {
    const data = makeFile(t)
    const other = start(t, '', { data })
    const port = await other.ready()
    const server = start(t, '', { data })
    await server.said('heeds signals')
    const { code, stdout, stderr } = await server.stop()
    assert.deepEqual([code, stdout, stderr], [0, ['heeds signals'], []])
    await assertHello(port)
  })

  test('a second time ends at once', within, async (t) => {
    const server = start(t, '')
    const port = await server.ready()
    const client = await TcpClient.connect({ port })
    t.after(() => client.close())
    await client.write(request('GET /held'))
    await server.said('held')
    server.signal('SIGTERM')
    await refused(port)
    // What comes at once is taken for an echo.
    const insisting = setInterval(() => server.signal('SIGTERM'), 100)
    const { code, signal, stdout } = await server.ended
    clearInterval(insisting)
    assert.deepEqual([code, signal], [143, null])
    assert.ok(!stdout.includes('stops'))
  })

  test('and cannot within its time ends with 1 and says so', within, async (t) => {
    const server = start(t, 'stuck-stop')
    await server.ready()
    const { code, stderr } = await server.stop()
    assert.deepEqual([code, stderr], [1, ['DRAIN_TIMEOUT']])
  })

  test('in a storm of publishes answers each that it has stored', within, async (t) => {
    const data = makeFile(t)
    const first = start(t, '', { data })
    const client = await ChannelClient.connect(await first.ready())
    await client.result('subscribe', { channel: 'rooms/1' })
    let acknowledged = 0
    let isOver = false
    // As fast as it can, many at once.
    const publishers = Array.from({ length: 20 }, async () => {
      for (;;) {
        const reply = await client.ask({ publish: { channel: 'rooms/1', data: 1 } }).catch(() => undefined)
        if (reply === undefined) return
        if ('publish' in reply) acknowledged++
        if (acknowledged >= 200 && !isOver) {
          isOver = true
          first.signal('SIGTERM')
        }
      }
    })
    assert.equal((await first.ended).code, 0)
    await Promise.all(publishers)
    assert.deepEqual(await client.closed, { code: 3001, reason: 'shutdown' })
    const second = start(t, '', { data })
    const reader = await ChannelClient.connect(await second.ready())
    await reader.result('subscribe', { channel: 'rooms/1' })
    const { offset } = await reader.result('history', { channel: 'rooms/1' })
    assert.equal(offset, acknowledged)
    await reader.close()
  })
})

describe('a process that takes over from another, on its port and with its file', () => {
  test('waits until the other has drained', within, async (t) => {
    const data = makeFile(t)
    const old = start(t, '', { data })
    const port = await old.ready()
    const client = await ChannelClient.connect(port)
    const next = start(t, '', { data, port })
    await next.said('heeds signals')
    assert.equal((await old.stop()).code, 0)
    assert.equal((await client.closed).code, 3001)
    assert.equal(await next.ready(), port)
    await assertHello(port)
    assert.equal((await next.stop()).code, 0)
  })

  test('waits for one that hangs, until that is killed', within, async (t) => {
    const data = makeFile(t)
    const old = start(t, '', { data })
    const port = await old.ready()
    old.signal('SIGSTOP')
    old.signal('SIGTERM')
    const next = start(t, '', { data, port })
    await next.said('heeds signals')
    await old.kill()
    assert.equal(await next.ready(), port)
    await assertHello(port)
  })
})
