import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { GoWeb, isGoWebError, type ErrorCode, type ListenOptions, type Server } from 'goweb'
import { ask, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'

const LOCAL = { port: 0, host: '127.0.0.1' }

const makeApp = () => new GoWeb().get('/hello', (c) => c.text('hello'))

/** Whether an error has this code, and a message that names what is to be changed. */
function withCode(code: ErrorCode, names: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isGoWebError(error), String(error))
    assert.equal(error.code, code)
    assert.match(error.message, names)
    return true
  }
}

async function assertServes(server: Server): Promise<void> {
  const response = await ask(server.port, request('GET /hello'))
  assert.equal(response.body.toString(), 'hello')
}

describe('listen', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'goweb-listen-'))))
  after(() => rmSync(folder, { recursive: true }))

  test('port 0 picks a free port, and tells it', async () => {
    const server = await makeApp().listen(LOCAL)
    assert.ok(server.port > 0)
    assert.equal(server.host, '127.0.0.1')
    assert.equal(server.url, `http://127.0.0.1:${server.port}`)
    await assertServes(server)
    await server.close()
  })

  test('a number is a port on all addresses', async () => {
    const server = await makeApp().listen(0)
    assert.match(server.host, /^(?:::|0\.0\.0\.0)$/)
    assert.equal(server.url, `http://localhost:${server.port}`)
    await assertServes(server)
    await server.close()
  })

  test('a name is a host', async () => {
    const server = await makeApp().listen({ port: 0, host: 'localhost' })
    assert.match(server.host, /^(?:127\.0\.0\.1|::1)$/)
    const client = await TcpClient.connect({ port: server.port, host: server.host })
    await client.write(request('GET /hello'))
    assert.equal((await takeResponse(client)).status, 200)
    await client.close()
    await server.close()
  })

  test('a port in use is refused by name, and the server that uses it serves on', async () => {
    const first = await makeApp().listen(LOCAL)
    await assert.rejects(
      makeApp().listen({ ...LOCAL, port: first.port }),
      withCode('LISTEN_ADDRESS_IN_USE', new RegExp(String(first.port))),
    )
    await assertServes(first)
    await first.close()
    const second = await makeApp().listen({ ...LOCAL, port: first.port })
    await assertServes(second)
    await second.close()
  })

  test('an app that could not listen can try again', async () => {
    const first = await makeApp().listen(LOCAL)
    const app = makeApp()
    await assert.rejects(
      app.listen({ ...LOCAL, port: first.port }),
      withCode('LISTEN_ADDRESS_IN_USE', /in use/),
    )
    const second = await app.listen(LOCAL)
    await assertServes(second)
    await Promise.all([first.close(), second.close()])
  })

  for (const [name, host] of [
    ['an address of another machine', '203.0.113.7'],
    ['a name that does not exist', 'no-such-host.invalid'],
  ] as const) {
    test(`${name} is refused by name`, async () => {
      await assert.rejects(
        makeApp().listen({ port: 0, host }),
        withCode('LISTEN_FAILED', new RegExp(host.replaceAll('.', String.raw`\.`))),
      )
    })
  }

  const BAD: readonly (readonly [options: ListenOptions, names: RegExp])[] = [
    [{ port: -1 }, /port/],
    [{ port: 65_536 }, /port/],
    [{ port: 1.5 }, /port/],
    [{ port: Number.NaN }, /port/],
    [{ port: '8080' as unknown as number }, /port/],
    [{ port: null as unknown as number }, /port/],
    [{ ...LOCAL, backlog: -1 }, /backlog/],
    [{ ...LOCAL, backlog: 0.5 }, /backlog/],
    [{ ...LOCAL, headersTimeoutMs: -1 }, /headersTimeoutMs/],
    [{ ...LOCAL, requestTimeoutMs: Infinity }, /requestTimeoutMs/],
    [{ ...LOCAL, headersTimeoutMs: 2_000, requestTimeoutMs: 1_000 }, /headersTimeoutMs/],
    [{ ...LOCAL, keepAliveTimeoutMs: Number.NaN }, /keepAliveTimeoutMs/],
    [{ ...LOCAL, maxHeaderBytes: -1 }, /maxHeaderBytes/],
    [{ ...LOCAL, closeTimeoutMs: 2 ** 40 }, /closeTimeoutMs/],
    [{ port: 0, host: 7 as unknown as string }, /host/],
    [{ port: 0, host: '' }, /host/],
    [{ path: '' }, /path/],
    [{ path: '/tmp/a.sock', port: 80 }, /path/],
    [{ path: '/tmp/a.sock', host: 'localhost' }, /path/],
    [{ ...LOCAL, tls: { cert: 'no certificate', key: 'no key' } }, /tls/],
    [{ ...LOCAL, tls: {} as { cert: string; key: string } }, /tls/],
    [{ ...LOCAL, signal: {} as AbortSignal }, /signal/],
    [{ ...LOCAL, prot: 80 } as ListenOptions, /prot/],
  ]
  for (const [options, names] of BAD) {
    test(`${JSON.stringify(options)} is refused by name`, async () => {
      await assert.rejects(makeApp().listen(options), withCode('LISTEN_OPTIONS_INVALID', names))
    })
  }

  test('undefined is as good as leaving an option out', async () => {
    const options = {
      ...LOCAL,
      path: undefined,
      backlog: undefined,
      tls: undefined,
      signal: undefined,
      closeTimeoutMs: undefined,
    }
    const server = await makeApp().listen(options as unknown as ListenOptions)
    await assertServes(server)
    await server.close()
  })

  test('a shorter time for the whole request is also that of its headers', async () => {
    const server = await makeApp().listen({ ...LOCAL, requestTimeoutMs: 1_000 })
    await assertServes(server)
    await server.close()
  })

  test('a backlog is taken', async () => {
    const server = await makeApp().listen({ ...LOCAL, backlog: 2 })
    await assertServes(server)
    await server.close()
  })

  describe('on a UNIX socket', () => {
    async function assertServesAt(path: string): Promise<void> {
      const client = await TcpClient.connect({ path })
      await client.write(request('GET /hello'))
      assert.equal((await takeResponse(client)).body.toString(), 'hello')
      await client.close()
    }

    test('serves, tells the path, and removes the file in the end', async () => {
      const path = join(folder, 'a.sock')
      const server = await makeApp().listen({ path })
      assert.deepEqual([server.port, server.host, server.url], [0, path, `unix:${path}`])
      await assertServesAt(path)
      await server.close()
      assert.equal(existsSync(path), false)
    })

    test('a file that a killed process left is replaced', async () => {
      const path = join(folder, 'stale.sock')
      const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
      assert.throws(() => execFileSync(process.execPath, ['-e', script]))
      assert.ok(statSync(path).isSocket())
      const server = await makeApp().listen({ path })
      await assertServesAt(path)
      await server.close()
    })

    test('a path at which somebody listens is refused', async () => {
      const path = join(folder, 'busy.sock')
      const first = await makeApp().listen({ path })
      await assert.rejects(makeApp().listen({ path }), withCode('LISTEN_ADDRESS_IN_USE', /busy\.sock/))
      await assertServesAt(path)
      await first.close()
    })

    test('a file that is no socket is left alone', async () => {
      const path = join(folder, 'notes.txt')
      writeFileSync(path, 'notes')
      await assert.rejects(makeApp().listen({ path }), withCode('LISTEN_ADDRESS_IN_USE', /notes\.txt/))
      assert.equal(statSync(path).size, 5)
    })

    test('a folder that does not exist is refused', async () => {
      await assert.rejects(
        makeApp().listen({ path: join(folder, 'none/a.sock') }),
        withCode('LISTEN_FAILED', /none/),
      )
    })
  })

  describe('with a signal', () => {
    test('that aborts later, closes the server', async () => {
      const controller = new AbortController()
      const server = await makeApp().listen({ ...LOCAL, signal: controller.signal })
      await assertServes(server)
      controller.abort()
      await server.closed
      await assert.rejects(TcpClient.connect({ port: server.port }), { code: 'ECONNREFUSED' })
    })

    test('that was aborted before, does not listen', async () => {
      const stopped: string[] = []
      const app = makeApp()
        .onStart(() => stopped.push('started'))
        .onStop(() => stopped.push('stopped'))
      await assert.rejects(
        app.listen({ ...LOCAL, signal: AbortSignal.abort() }),
        withCode('LISTEN_ABORTED', /aborted/),
      )
      assert.ok(stopped.length === 0 || stopped.join() === 'started,stopped', stopped.join())
    })

    test('that aborts while it starts, does not listen', async () => {
      const controller = new AbortController()
      const calls: string[] = []
      const app = makeApp()
        .onStart(() => controller.abort(new Error('never mind')))
        .onStop(() => calls.push('stopped'))
      await assert.rejects(
        app.listen({ ...LOCAL, signal: controller.signal }),
        withCode('LISTEN_ABORTED', /aborted/),
      )
      assert.deepEqual(calls, ['stopped'])
    })

    test('that aborts after the server has closed, does nothing', async () => {
      const controller = new AbortController()
      const server = await makeApp().listen({ ...LOCAL, signal: controller.signal })
      await server.close()
      controller.abort()
      await server.closed
    })
  })

  describe('start and stop callbacks', () => {
    test('run in order and in reverse, around the server, mounted apps first come first served', async () => {
      const calls: string[] = []
      const note = (text: string) => async () => {
        await Promise.resolve()
        calls.push(text)
      }
      const inner = new GoWeb().onStart(note('start inner')).onStop(note('stop inner'))
      const app = makeApp()
        .onStart(note('start 1'))
        .onStop(note('stop 1'))
        .onStart(note('start 2'))
        .onStop(note('stop 2'))
      const server = await app.mount('/inner', inner).listen(LOCAL)
      assert.deepEqual(calls, ['start 1', 'start 2', 'start inner'])
      calls.length = 0
      await server.close()
      assert.deepEqual(calls, ['stop inner', 'stop 2', 'stop 1'])
    })

    test('run once for two servers of one app', async () => {
      const calls: string[] = []
      const app = makeApp()
        .onStart(() => calls.push('start'))
        .onStop(() => calls.push('stop'))
      const [first, second] = await Promise.all([app.listen(LOCAL), app.listen(LOCAL)])
      assert.notEqual(first.port, second.port)
      await Promise.all([assertServes(first), assertServes(second)])
      await first.close()
      assert.deepEqual(calls, ['start'])
      await assertServes(second)
      await second.close()
      assert.deepEqual(calls, ['start', 'stop'])
    })

    test('run again when the app listens again', async () => {
      const calls: string[] = []
      const app = makeApp()
        .onStart(() => calls.push('start'))
        .onStop(() => calls.push('stop'))
      for (let i = 0; i < 2; i++) await (await app.listen(LOCAL)).close()
      assert.deepEqual(calls, ['start', 'stop', 'start', 'stop'])
    })

    test('that fail keep the server from listening, and what had started is stopped', async () => {
      const calls: string[] = []
      const app = makeApp()
        .onStart(() => calls.push('start 1'))
        .onStop(() => calls.push('stop 1'))
        .onStart(() => Promise.reject(new Error('the database is down')))
      await assert.rejects(app.listen(LOCAL), (error: unknown) => {
        assert.ok(isGoWebError(error) && error.code === 'PLUGIN_START_FAILED')
        assert.match(String(error.cause), /the database is down/)
        return true
      })
      assert.deepEqual(calls, ['start 1', 'stop 1'])
    })

    test('are stopped when the server cannot listen', async () => {
      const calls: string[] = []
      const busy = createServer()
      await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve))
      const { port } = busy.address() as { port: number }
      const app = makeApp()
        .onStart(() => calls.push('start'))
        .onStop(() => calls.push('stop'))
      await assert.rejects(app.listen({ ...LOCAL, port }), withCode('LISTEN_ADDRESS_IN_USE', /in use/))
      assert.deepEqual(calls, ['start', 'stop'])
      await new Promise((resolve) => busy.close(resolve))
    })

    test('of stopping all run, although one fails, which is reported', async () => {
      const calls: string[] = []
      const app = new GoWeb({ report: (error, where) => calls.push(`${where}: ${String(error)}`) })
        .onStop(() => calls.push('stop 1'))
        .onStop(() => {
          throw new Error('cannot stop')
        })
      const server = await app.listen(LOCAL)
      await server.close()
      assert.deepEqual(calls, ['stop callback: Error: cannot stop', 'stop 1'])
    })
  })
})
