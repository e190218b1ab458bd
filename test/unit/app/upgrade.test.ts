import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AcceptedUpgrade, Dispatcher } from '../../../src/app/dispatcher.ts'
import { createScope } from '../../../src/app/create-scope.ts'
import { GoWeb } from '../../../src/app/goweb.ts'
import { GoWebError } from '../../../src/errors/goweb-error.ts'
import { FetchRequest } from '../../../src/http/fetch-request.ts'
import { Reply } from '../../../src/http/reply.ts'
import type { Socket } from '../../../src/websocket/socket.ts'
import { dispatcherOf } from './dispatcher-of.ts'

function handshake(path: string, headers: Record<string, string> = {}): FetchRequest {
  return new FetchRequest(new Request(`http://localhost${path}`, { headers }))
}

async function upgrade(
  dispatcher: Dispatcher,
  path: string,
  headers?: Record<string, string>,
): Promise<AcceptedUpgrade | Reply> {
  return dispatcher.upgrade(handshake(path, headers))
}

async function accepted(dispatcher: Dispatcher, path: string): Promise<AcceptedUpgrade> {
  const outcome = await upgrade(dispatcher, path)
  assert.ok(!(outcome instanceof Reply), 'refused')
  return outcome
}

async function refused(
  dispatcher: Dispatcher,
  path: string,
  headers?: Record<string, string>,
): Promise<[status: number, code: unknown]> {
  const outcome = await upgrade(dispatcher, path, headers)
  assert.ok(outcome instanceof Reply, 'accepted')
  const isProblem = outcome.type === 'application/problem+json'
  return [
    outcome.status,
    isProblem ? (JSON.parse(outcome.body as string) as { code: unknown }).code : outcome.body,
  ]
}

const unreported = (error: unknown): never => assert.fail(`reported: ${String(error)}`)

describe('the chain of an upgrade', () => {
  test('is that of requests, each middleware once, without those that shape answers', async () => {
    const log: string[] = []
    const app = new GoWeb({ report: unreported })
      .use((c, next) => {
        log.push(`all ${c.kind} ${c.route}`)
        return next({ user: c.header('x-user') ?? 'nobody' })
      })
      .use(['http'], (_c, next) => {
        log.push('http')
        return next()
      })
      .use(['upgrade'], async (c, next) => {
        log.push(`upgrade ${c.path}`)
        return next()
      })
      .ws('/rooms/{room}', {
        upgrade: (c) => ({ room: c.params.room, user: c.user, kind: c.kind, page: c.query.get('page') }),
      })
    const dispatcher = await dispatcherOf(app)
    const outcome = (await upgrade(dispatcher, '/rooms/7?page=2', { 'x-user': 'Ada' })) as AcceptedUpgrade
    assert.deepEqual(outcome.data, { room: '7', user: 'Ada', kind: 'upgrade', page: '2' })
    assert.equal(outcome.route, '/rooms/{room}')
    assert.deepEqual(log, ['all upgrade /rooms/{room}', 'upgrade /rooms/7'])
  })

  test('that guards the API guards the socket: thrown, returned, or under a mounted prefix', async () => {
    const child = createScope<{ user: string }>().ws('/live', { upgrade: (c) => c.user })
    const app = new GoWeb({ report: unreported })
      .use((c, next) => {
        const user = c.header('x-user')
        if (user === undefined) throw new GoWebError('UNAUTHORIZED')
        if (user === 'reply') return new Reply(403, 'by a reply', 'text/plain')
        if (user === 'string') return 'by a string'
        return next({ user })
      })
      .mount('/api', child)
    const dispatcher = await dispatcherOf(app)
    assert.deepEqual(await refused(dispatcher, '/api/live'), [401, 'UNAUTHORIZED'])
    assert.deepEqual(await refused(dispatcher, '/api/live', { 'x-user': 'reply' }), [403, 'by a reply'])
    assert.deepEqual(await refused(dispatcher, '/api/live', { 'x-user': 'string' }), [200, 'by a string'])
    const outcome = (await upgrade(dispatcher, '/api/live', { 'x-user': 'Ada' })) as AcceptedUpgrade
    assert.deepEqual([outcome.data, outcome.route], ['Ada', '/api/live'])
  })

  test('ends in the hook upgrade, whose data may be anything but an answer', async () => {
    const app = new GoWeb({ report: unreported })
      .ws('/none', {})
      .ws('/sync', { upgrade: () => 7 })
      .ws('/async', { upgrade: async () => ({ a: 1 }) })
      .ws('/null', { upgrade: () => null })
      .ws('/reply', { upgrade: (c) => c.json({ no: true }, 409) })
      .ws('/response', { upgrade: async () => new Response('no', { status: 410 }) })
      .ws('/throws', {
        upgrade() {
          throw new GoWebError('FORBIDDEN')
        },
      })
    const dispatcher = await dispatcherOf(app)
    assert.equal((await accepted(dispatcher, '/none')).data, undefined)
    assert.equal((await accepted(dispatcher, '/sync')).data, 7)
    assert.deepEqual((await accepted(dispatcher, '/async')).data, { a: 1 })
    assert.equal((await accepted(dispatcher, '/null')).data, null)
    assert.equal((await refused(dispatcher, '/reply'))[0], 409)
    assert.equal((await refused(dispatcher, '/response'))[0], 410)
    assert.deepEqual(await refused(dispatcher, '/throws'), [403, 'FORBIDDEN'])
  })

  test('puts headers and cookies into the answer, accepted or not, and tells its end once', async () => {
    const sent: unknown[] = []
    const app = new GoWeb({
      report: (error, where) => void sent.push(`${where}: ${(error as Error).message}`),
    })
      .use(['http', 'upgrade'], (c, next) => {
        c.setHeader('x-one', '1')
        c.cookies.set('a', 'b')
        c.after((end) => sent.push(end.status))
        c.after(() => {
          throw new Error('in a callback')
        })
        return next()
      })
      .ws('/yes', {})
      .ws('/no', { upgrade: (c) => c.text('no', 400) })
    const dispatcher = await dispatcherOf(app)
    const lines = [
      ['x-one', '1'],
      ['set-cookie', 'a=b; Path=/; HttpOnly; SameSite=Lax'],
    ]
    assert.deepEqual([...((await accepted(dispatcher, '/yes')).headers ?? [])], lines)
    assert.deepEqual(sent.splice(0), [101, 'after callback: in a callback'])
    const no = (await upgrade(dispatcher, '/no')) as Reply
    assert.deepEqual([...no.headers], lines)
    assert.deepEqual(sent, [])
    no.onSent?.({ aborted: false, error: undefined })
    no.onSent?.({ aborted: false, error: undefined })
    assert.deepEqual(sent, [400, 'after callback: in a callback'])
  })

  test('is reported where it fails, and answered with a plain 500', async () => {
    const reported: string[] = []
    const app = new GoWeb({
      report: (error, where) => void reported.push(`${where}: ${(error as Error).message}`),
    })
      .ws('/boom', { upgrade: () => Promise.reject(new Error('boom')) })
      .use(['upgrade'], async () => {})
      .ws('/silent', {})
    const dispatcher = await dispatcherOf(app)
    assert.deepEqual(await refused(dispatcher, '/boom'), [500, 'INTERNAL'])
    assert.deepEqual(await refused(dispatcher, '/silent'), [500, 'INTERNAL'])
    assert.equal(reported[0], 'GET /boom: boom')
    assert.match(reported[1] ?? '', /^GET \/silent: .*next\(\)/)
  })

  test('asks the error handlers for the refusal', async () => {
    const app = new GoWeb({ report: unreported })
      .onError((error, c) => (c.kind === 'upgrade' ? { because: (error as Error).message } : undefined))
      .ws('/', {
        upgrade() {
          throw new GoWebError('CONFLICT', 'twice')
        },
      })
    const outcome = (await upgrade(await dispatcherOf(app), '/')) as Reply
    assert.deepEqual([outcome.status, outcome.body], [409, '{"because":"twice"}'])
  })

  test('is that of a request where the path has no socket', async () => {
    const app = new GoWeb({ report: unreported }).get('/page', (c) => c.kind).ws('/live/', {})
    const dispatcher = await dispatcherOf(app)
    assert.deepEqual(await refused(dispatcher, '/page'), [200, 'http'])
    assert.deepEqual(await refused(dispatcher, '/nothing'), [404, 'ROUTE_NOT_FOUND'])
    assert.deepEqual(await refused(dispatcher, '/live'), [404, 'ROUTE_NOT_FOUND'])
    assert.deepEqual(await refused(dispatcher, '/%zz'), [400, 'PATH_INVALID'])
  })

  test('finds routes by their matchers', async () => {
    const app = new GoWeb({ report: unreported })
      .ws('/', { match: { query: { v: '2' } }, upgrade: () => 'two' })
      .ws('/', { match: { host: '{tenant}.example.com' }, upgrade: (c) => c.params })
      .ws('/', { upgrade: () => 'any' })
    const dispatcher = await dispatcherOf(app)
    assert.equal((await accepted(dispatcher, '/?v=2')).data, 'two')
    assert.equal((await accepted(dispatcher, '/')).data, 'any')
    const other = new FetchRequest(new Request('http://acme.example.com/'))
    const outcome = (await dispatcher.upgrade(other)) as AcceptedUpgrade
    assert.deepEqual({ ...(outcome.data as object) }, { tenant: 'acme' })
  })
})

describe('the subprotocol of a socket', () => {
  const offer = (...names: string[]) => ({ 'sec-websocket-protocol': names.join(', ') })

  test('is the first of the list that the client offers', async () => {
    const app = new GoWeb({ report: unreported }).ws('/list', { protocols: ['v2', 'v1'] }).ws('/none', {})
    const dispatcher = await dispatcherOf(app)
    const chosen = async (path: string, headers = {}): Promise<string> =>
      ((await upgrade(dispatcher, path, headers)) as AcceptedUpgrade).protocol
    assert.equal(await chosen('/list', offer('v1', 'v2')), 'v2')
    assert.equal(await chosen('/list', offer('v0', 'v1')), 'v1')
    assert.equal(await chosen('/list', offer('v0')), '')
    assert.equal(await chosen('/list'), '')
    assert.equal(await chosen('/none', offer('v1')), '')
    assert.equal(await chosen('/list', offer('constructor', '__proto__')), '')
  })

  test('is what a function chooses among the offered ones', async () => {
    const reported: unknown[] = []
    const app = new GoWeb({ report: (error) => void reported.push((error as GoWebError).code) })
      .use((_c, next) => next({ version: 'v2' }))
      .ws('/choose', { protocols: (offered, c) => offered.find((name) => name === c.version) })
      .ws('/invent', { protocols: () => 'invented' })
    const dispatcher = await dispatcherOf(app)
    const outcome = (await upgrade(dispatcher, '/choose', offer('v1', 'v2'))) as AcceptedUpgrade
    assert.equal(outcome.protocol, 'v2')
    assert.equal(((await upgrade(dispatcher, '/choose')) as AcceptedUpgrade).protocol, '')
    assert.deepEqual(await refused(dispatcher, '/invent', offer('v1')), [500, 'INTERNAL'])
    assert.deepEqual(reported, ['SUBPROTOCOL_NOT_OFFERED'])
  })
})

describe('the origin of a socket', () => {
  test('is that of the server unless the app or the route allows others', async () => {
    const app = new GoWeb({ report: unreported, allowedOrigins: ['https://app.example'] })
      .ws('/app', {})
      .ws('/own', { allowedOrigins: ['https://own.example'] })
      .ws('/any', { allowedOrigins: '*' })
    const dispatcher = await dispatcherOf(app)
    const isAllowed = async (path: string, origin: string): Promise<boolean> =>
      !((await upgrade(dispatcher, path, { origin })) instanceof Reply)
    assert.deepEqual(await refused(dispatcher, '/app', { origin: 'https://evil.example' }), [
      403,
      'ORIGIN_NOT_ALLOWED',
    ])
    assert.equal(await isAllowed('/app', 'http://localhost'), true)
    assert.equal(await isAllowed('/app', 'https://app.example'), true)
    assert.equal(await isAllowed('/own', 'https://app.example'), false)
    assert.equal(await isAllowed('/own', 'https://own.example'), true)
    assert.equal(await isAllowed('/any', 'https://evil.example'), true)
  })
})

describe('an error of a socket', () => {
  interface Closed {
    codes: (number | undefined)[]
    socket: Socket
  }

  function fakeSocket(): Closed {
    const codes: (number | undefined)[] = []
    return { codes, socket: { close: (code?: number) => void codes.push(code) } as unknown as Socket }
  }

  async function raise(app: GoWeb, path: string, error: unknown): Promise<(number | undefined)[]> {
    const dispatcher = await dispatcherOf(app)
    const { codes, socket } = fakeSocket()
    dispatcher.socketError(socket, await accepted(dispatcher, path), error)
    await new Promise((resolve) => setImmediate(resolve))
    return codes
  }

  test('is told to the hook of its route, which may leave it open', async () => {
    const told: unknown[] = []
    const app = new GoWeb({ report: unreported })
      .onError(unreported)
      .ws('/', { error: (_socket, error) => void told.push(error) })
    assert.deepEqual(await raise(app, '/', 'boom'), [])
    assert.deepEqual(told, ['boom'])
  })

  test('goes to the error handlers outwards, then is reported; its code closes the socket', async () => {
    const log: string[] = []
    const boom = new Error('boom')
    const child = new GoWeb()
      .onError((error, c) => {
        log.push(`child ${c.kind} ${c.route} ${(error as Error).message}`)
        if (c.kind === 'socket' && c.route.endsWith('/handled')) return 'handled'
      })
      .ws('/plain', {})
      .ws('/handled', {})
      .ws('/broken', {
        error() {
          throw new Error('the hook is broken')
        },
      })
    const app = new GoWeb({
      report: (error, where) => void log.push(`${where}: ${(error as Error).message}`),
    })
      .onError((error) => {
        log.push(`root ${(error as Error).message}`)
        if ((error as Error).message === 'handler') throw new Error('the handler is broken')
      })
      .mount('/child', child)
    assert.deepEqual(await raise(app, '/child/plain', boom), [1011])
    assert.deepEqual(log.splice(0), [
      'child socket /child/plain boom',
      'root boom',
      'WEBSOCKET /child/plain: boom',
    ])
    assert.deepEqual(await raise(app, '/child/handled', boom), [1011])
    assert.deepEqual(log.splice(0), ['child socket /child/handled boom'])
    assert.deepEqual(await raise(app, '/child/broken', boom), [1011])
    assert.deepEqual(log.splice(0), [
      'child socket /child/broken the hook is broken',
      'root the hook is broken',
      'WEBSOCKET /child/broken: the hook is broken',
    ])
    assert.deepEqual(await raise(app, '/child/plain', new Error('handler')), [1011])
    assert.equal(log.at(-1), 'WEBSOCKET /child/plain: the handler is broken')
    log.length = 0
    assert.deepEqual(await raise(app, '/child/plain', new GoWebError('FORBIDDEN')), [1008])
    assert.equal(log.length, 2)
  })
})

describe('ws', () => {
  test('refuses options and hooks that are none', () => {
    const ws = (route: unknown) => () => new GoWeb().ws('/a', route as never)
    for (const [route, part] of [
      [undefined, /object/],
      [null, /null/],
      [() => undefined, /function/],
      [{ message: 'text' }, /message/],
      [{ upgrade: null }, /upgrade/],
      [{ protocols: 'v1' }, /protocols/],
      [{ maxPayloadBytes: -1 }, /maxPayloadBytes/],
      [{ pingIntervalMs: 1.5 }, /pingIntervalMs/],
      [{ backpressurePolicy: 'wait' }, /backpressurePolicy/],
      [{ backpressureCloseCode: 1006 }, /backpressureCloseCode/],
      [{ messagesPerSecond: 0.5 }, /messagesPerSecond/],
      [{ bytesPerSecond: 10, byteBurst: 0 }, /byteBurst/],
      [{ controlFramesPerSecond: '1' }, /controlFramesPerSecond/],
      [{ maxFragments: -1 }, /maxFragments/],
    ] as const) {
      assert.throws(ws(route), { code: 'OPTION_INVALID', message: part })
    }
  })

  test('gives a socket its limits, with the defaults of those that are not named', async () => {
    const app = new GoWeb().ws('/', { maxPayloadBytes: 5, backpressurePolicy: 'drop' })
    const { options } = await accepted(await dispatcherOf(app), '/')
    assert.deepEqual(options, {
      maxPayloadBytes: 5,
      pingIntervalMs: 30_000,
      pongTimeoutMs: 10_000,
      closeTimeoutMs: 5_000,
      maxBackpressureBytes: 16_777_216,
      backpressurePolicy: 'drop',
      backpressureCloseCode: 1013,
      messagesPerSecond: 1_000_000,
      messageBurst: 2_000_000,
      bytesPerSecond: 0,
      byteBurst: 0,
      controlFramesPerSecond: 10_000,
      maxFragments: 131_072,
    })
  })

  test('lets twice the rate come at once, and always two of the largest messages', async () => {
    const app = new GoWeb()
      .ws('/slow', { messagesPerSecond: 5, bytesPerSecond: 10, maxPayloadBytes: 1_000 })
      .ws('/fast', { bytesPerSecond: 10_000, maxPayloadBytes: 1_000 })
      .ws('/own', { messagesPerSecond: 5, messageBurst: 7, bytesPerSecond: 10, byteBurst: 70 })
      .ws('/off', { messagesPerSecond: 0, messageBurst: 7 })
    const dispatcher = await dispatcherOf(app)
    const bursts = async (path: string): Promise<number[]> => {
      const { options } = await accepted(dispatcher, path)
      return [options.messageBurst, options.byteBurst]
    }
    assert.deepEqual(await bursts('/slow'), [10, 2_000])
    assert.deepEqual(await bursts('/fast'), [2_000_000, 20_000])
    assert.deepEqual(await bursts('/own'), [7, 70])
    assert.deepEqual(await bursts('/off'), [0, 0])
  })
})
