import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { GoWeb, GoWebError, isGoWebError, type ErrorHandler, type Server, type Socket } from 'goweb'
import { SocketClient } from '../../conformance/wire/socket-client.ts'

type Hook = 'open' | 'message' | 'ping' | 'pong' | 'drain' | 'close'
const HOOKS: readonly Hook[] = ['open', 'message', 'ping', 'pong', 'drain', 'close']
const HOW = ['sync', 'async'] as const

const boom = new TypeError('a secret')

/** Fails with a value, thrown or as a rejection. */
function fail(how: (typeof HOW)[number], value: unknown): never | Promise<never> {
  if (how === 'async') return Promise.reject(value)
  throw value
}

/** An object that is a promise by its method only. */
function thenable(
  then: (resolve: (value: void) => void, reject: (error: unknown) => void) => unknown,
): Promise<void> {
  return Object.fromEntries([['then', then]]) as unknown as Promise<void>
}

describe('errors in hooks', () => {
  let server: Server
  let reports: { error: unknown; where: string }[]
  let isReported: PromiseWithResolvers<void>
  afterEach(() => server.close(0))

  /** A server with a socket whose hook fails. */
  async function listen(hooks: Parameters<GoWeb['ws']>[1], onError?: ErrorHandler<{}>): Promise<void> {
    reports = []
    isReported = Promise.withResolvers()
    const app = new GoWeb({
      report: (error, where) => {
        reports.push({ error, where })
        isReported.resolve()
      },
    })
    if (onError !== undefined) app.onError(onError)
    app.ws('/echo', { maxBackpressureBytes: 100_000_000, ...hooks })
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  }

  /** Makes the server call the hook. */
  async function provoke(client: SocketClient, hook: Hook): Promise<void> {
    if (hook === 'message') await client.sendText('hello')
    if (hook === 'ping') await client.send(0x89)
    if (hook === 'pong') await client.send(0x8a)
    if (hook === 'close') await client.sendClose(1000)
  }

  /** What makes `drain` happen: more than the system takes at once. */
  const fill = { open: (socket: Socket) => void socket.send(new Uint8Array(20_000_000)) }

  async function takeCloseOf(client: SocketClient, hook: Hook): Promise<number> {
    if (hook === 'ping') assert.equal((await client.takeFrame()).first, 0x8a)
    if (hook === 'drain') await client.takeFrame()
    return client.takeClose()
  }

  for (const hook of HOOKS) {
    for (const how of HOW) {
      test(`${hook}, ${how}: reach the error hook, and the socket lives`, async () => {
        const caught = Promise.withResolvers<unknown>()
        await listen({
          ...(hook === 'drain' && fill),
          [hook]: () => fail(how, boom),
          error: (_socket: Socket, error: unknown) => caught.resolve(error),
          ...(hook !== 'message' && { message: (socket: Socket) => void socket.send('alive') }),
        })
        const client = await SocketClient.open({ port: server.port })
        await provoke(client, hook)
        if (hook === 'drain') await client.takeFrame()
        assert.equal(await caught.promise, boom)
        if (hook !== 'close' && hook !== 'message') {
          await client.sendText('are you?')
          if (hook === 'ping') await client.takeFrame()
          assert.equal(await client.takeText(), 'alive')
        }
        assert.deepEqual(reports, [])
        await client.tcp.close()
      })

      test(`${hook}, ${how}: without an error hook are reported, and close the socket with 1011`, async () => {
        await listen({ ...(hook === 'drain' && fill), [hook]: () => fail(how, boom) })
        const client = await SocketClient.open({ port: server.port })
        await provoke(client, hook)
        assert.equal(await takeCloseOf(client, hook), hook === 'close' ? 1000 : 1011)
        await isReported.promise
        assert.deepEqual(reports, [{ error: boom, where: 'WEBSOCKET /echo' }])
        await client.tcp.close()
      })
    }
  }

  for (const how of HOW) {
    test(`${how}: in the error hook itself go on to the app`, async () => {
      const other = new RangeError('another secret')
      await listen({ message: () => fail(how, boom), error: () => fail(how, other) })
      const client = await SocketClient.open({ port: server.port })
      await client.sendText('hello')
      assert.equal(await client.takeClose(), 1011)
      await isReported.promise
      assert.deepEqual(
        reports.map(({ error }) => error),
        [other],
      )
      await client.tcp.close()
    })

    test(`${how}: the app's error handler is given the error and the socket`, async () => {
      const caught = Promise.withResolvers<unknown[]>()
      await listen({ message: () => fail(how, boom) }, (error, c) => {
        caught.resolve([error, c.kind, c.route])
        return 'handled'
      })
      const client = await SocketClient.open({ port: server.port })
      await client.sendText('hello')
      assert.deepEqual(await caught.promise, [boom, 'socket', '/echo'])
      assert.equal(await client.takeClose(), 1011)
      assert.deepEqual(reports, [])
      await client.tcp.close()
    })

    test(`${how}: a GoWebError closes with its code and is not reported`, async () => {
      await listen({ message: () => fail(how, new GoWebError('FORBIDDEN', 'Not you')) })
      const client = await SocketClient.open({ port: server.port })
      await client.sendText('hello')
      assert.equal(await client.takeClose(), 1008)
      assert.deepEqual(reports, [])
      await client.tcp.close()
    })
  }

  for (const [name, value] of [
    ['undefined', undefined],
    ['null', null],
    ['a string', 'a secret'],
    ['a symbol', Symbol('a secret')],
    ['a frozen object', Object.freeze({ closeCode: 9 })],
    ['an object without prototype', Object.create(null) as unknown],
    [
      'an error with traps',
      Object.defineProperty(new Error('x'), 'message', { get: () => fail('sync', boom) }),
    ],
  ] as const) {
    for (const how of HOW) {
      test(`${how}: ${name} may be thrown`, async () => {
        await listen({ message: () => fail(how, value) })
        const client = await SocketClient.open({ port: server.port })
        await client.sendText('hello')
        assert.equal(await client.takeClose(), 1011)
        await isReported.promise
        assert.ok(Object.is(reports[0]?.error, value))
        await client.tcp.close()
      })
    }
  }

  test('a thenable that misbehaves harms nobody', async () => {
    let sent = 0
    await listen({
      message: () => {
        sent++
        if (sent === 1) return thenable(() => fail('sync', boom))
        return thenable((_resolve, reject) => [reject(boom), reject(boom)])
      },
      error: () => {},
    })
    const client = await SocketClient.open({ port: server.port })
    await client.sendText('1')
    await client.sendText('2')
    await client.close()
    assert.equal(sent, 2)
  })

  test('hooks may close, terminate and send in every state without harm', async () => {
    const results: string[] = []
    const closed = Promise.withResolvers<void>()
    await listen({
      message: (socket, message) => {
        if (message === 'close') {
          socket.close(4000, 'enough')
          socket.close(4001)
          results.push(socket.send('late'), socket.ping('late'), socket.state)
          socket.subscribe('late')
          socket.publish('late', 'late')
          results.push(String(socket.isSubscribed('late')))
        }
      },
      close: (socket, code) => {
        results.push(
          String(code),
          socket.send('too late'),
          socket.ping(),
          socket.state,
          String(socket.bufferedAmount),
        )
        socket.close(4002)
        socket.terminate()
        socket.subscribe('too late')
        socket.unsubscribe('too late')
        results.push([...socket.topics].join())
        closed.resolve()
      },
    })
    const client = await SocketClient.open({ port: server.port })
    await client.sendText('close')
    assert.equal(await client.takeClose(), 4000)
    await client.sendText('ignored')
    await client.sendClose(4000)
    assert.equal((await client.tcp.takeRest()).length, 0)
    await closed.promise
    assert.deepEqual(results, [
      'dropped',
      'dropped',
      'closing',
      'false',
      '4000',
      'dropped',
      'dropped',
      'closed',
      '0',
      '',
    ])
    assert.deepEqual(reports, [])
    await client.tcp.close()
  })

  test('wrong arguments of close and ping are told to the one who gave them', async () => {
    const codes: unknown[] = []
    const attempt = (call: () => unknown): void => {
      try {
        call()
        codes.push('nothing')
      } catch (error) {
        codes.push(isGoWebError(error) ? error.code : error)
      }
    }
    await listen({
      message: (socket) => {
        for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN])
          attempt(() => socket.close(code))
        attempt(() => socket.close(1000, 'é'.repeat(62)))
        attempt(() => socket.ping('é'.repeat(63)))
        attempt(() => socket.ping('x'.repeat(125)))
        attempt(() => socket.close(1000, 'é'.repeat(61)))
      },
    })
    const client = await SocketClient.open({ port: server.port })
    await client.sendText('go')
    assert.equal((await client.takeFrame()).first, 0x89)
    assert.equal(await client.takeClose(), 1000)
    assert.deepEqual(codes, [
      ...Array.from({ length: 10 }, () => 'CLOSE_CODE_INVALID'),
      'CLOSE_REASON_TOO_LONG',
      'PING_TOO_LONG',
      'nothing',
      'nothing',
    ])
    await client.tcp.close()
  })
})
