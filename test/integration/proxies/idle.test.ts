import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { ConnectingContext, PublicationContext, SubscribedContext } from 'centrifuge'
import { connect } from 'goweb/client'
import { SocketClient } from '../../conformance/wire/socket-client.ts'
import { Collected, next, officialClient } from '../centrifuge/official-client.ts'
import { makeApp, serve } from '../channels/served.ts'
import { Log, reached } from '../client/served.ts'
import { NginxProcess } from './nginx-process.ts'

/** Stands for the minute of `deploy/nginx.conf`, as pings each second stand for those of each half. */
const READ_TIMEOUT_S = 3
/** Pings without anything else: longer than nginx waits. */
const PINGS = 5

async function startNginx(t: TestContext, port: number, seconds: number): Promise<NginxProcess> {
  const directives = { proxy_read_timeout: `${seconds}s` }
  const nginx = await NginxProcess.start({ upstreams: [`127.0.0.1:${port}`], directives })
  t.after(() => nginx.stop())
  return nginx
}

describe('a connection on which nothing is said', { concurrency: true }, () => {
  test('stays: the pings of channels are more often than nginx waits', async (t) => {
    const { app } = makeApp(t, { channels: { limits: { pingIntervalMs: 1_000 } } })
    app.channel('open/{name}', { delivery: 'replay', public: true })
    const nginx = await startNginx(t, await serve(t, app), READ_TIMEOUT_S)
    const target = '/connection/websocket'
    const socket = await SocketClient.open({ port: nginx.port, target })
    await socket.sendText('{"id":1,"connect":{}}')
    assert.match(await socket.takeText(), /"id":1/)
    for (let n = 0; n < PINGS; n++) {
      assert.equal(await socket.takeText(), '{}')
      await socket.sendText('{}')
    }
    await socket.sendText('{"id":2,"subscribe":{"channel":"open/a"}}')
    assert.match(await socket.takeText(), /"id":2,"subscribe"/)
    await socket.close()
  })

  test('stays: the pings of sockets are more often than nginx waits', async (t) => {
    const { app } = makeApp(t)
    app.ws('/echo', { pingIntervalMs: 1_000, message: (socket, data) => void socket.send(data) })
    const nginx = await startNginx(t, await serve(t, app), READ_TIMEOUT_S)
    const socket = await SocketClient.open({ port: nginx.port })
    for (let n = 0; n < PINGS; n++) {
      const { first, payload } = await socket.takeFrame()
      assert.equal(first, 0x89)
      await socket.send(0x8a, payload)
    }
    await socket.sendText('still there?')
    assert.equal(await socket.takeText(), 'still there?')
    await socket.close()
  })

  test('is ended by an nginx that waits less, after which the official client goes on where it was', async (t) => {
    const { app } = makeApp(t)
    app.channel('open/{name}', { delivery: 'replay', public: true })
    const nginx = await startNginx(t, await serve(t, app), 1)
    const { client } = officialClient(t, nginx.port)
    const sub = client.newSubscription('open/a')
    const subscribed = new Collected<SubscribedContext>(sub, 'subscribed')
    const received = new Collected<PublicationContext>(sub, 'publication')
    sub.subscribe()
    client.connect()
    await subscribed.until(1)
    await app.channels.publish('open/a', 1)
    await received.until(1)
    const { reason } = await next<ConnectingContext>(client, 'connecting')
    assert.equal(reason, 'transport closed')
    await app.channels.publish('open/a', 2)
    const { recovered } = (await subscribed.until(2))[1]!
    assert.equal(recovered, true)
    await received.until(2)
    assert.deepEqual(
      received.all.map(({ data }) => data),
      [1, 2],
    )
  })

  test('is ended by an nginx that waits less, after which the client goes on where it was', async (t) => {
    const { app } = makeApp(t)
    app.channel('open/{name}', { delivery: 'replay', public: true })
    const nginx = await startNginx(t, await serve(t, app), 1)
    const client = connect(nginx.url, { minReconnectDelayMs: 10, maxReconnectDelayMs: 50 })
    t.after(() => client.close())
    const log = new Log()
    const room = client.channel('open/{name}', { name: 'a' }, { onGap: () => log.add('gap') })
    room.on(log.add)
    await app.channels.publish('open/a', 'before anybody was there')
    await room.publish(1)
    await log.atLeast(1)
    await reached(client, 'connecting')
    await app.channels.publish('open/a', 2)
    await room.publish(3)
    assert.deepEqual(await log.atLeast(3), [1, 2, 3])
  })
})
