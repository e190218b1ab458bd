import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryBroker } from '../../../src/brokers/memory.ts'
import type { Reply } from '../../../src/protocol/reply.ts'
import { RealtimeNode } from '../../../src/realtime/realtime-node.ts'
import { WebSocketGroups } from '../../../src/transports/websocket/web-socket-groups.ts'
import { WebSocketHooks, webSocketOptions } from '../../../src/transports/websocket/web-socket-hooks.ts'
import { ManualClock } from '../../contract/broker/manual-clock.ts'
import { FakeApp } from '../realtime/fake-app.ts'
import { settled } from '../realtime/fake-client.ts'
import { clientFrame } from '../websocket/client-frame.ts'
import { type FakeConnection, FakeServer, type FakeSocket } from '../websocket/fake-server.ts'

interface Peer {
  readonly socket: FakeSocket
  readonly connection: FakeConnection
  /** What it was sent since it was asked last. */
  replies(): Reply[]
  say(...commands: object[]): void
}

class Bench {
  readonly server: FakeServer = new FakeServer()
  readonly app: FakeApp = new FakeApp()
  readonly node: RealtimeNode<string>

  constructor() {
    const clock = new ManualClock()
    this.node = new RealtimeNode({ broker: memoryBroker({ clock }), clock, handlers: this.app })
    this.node.addTransport(new WebSocketGroups(this.server.hub))
    void this.node.start()
  }

  open(): Peer {
    const hooks = new WebSocketHooks<string>(this.node)
    const { socket, connection } = this.server.open(hooks, webSocketOptions(this.node.limits))
    return {
      socket,
      connection,
      replies: () => {
        this.server.endTurn()
        const texts = connection.texts
        connection.clear()
        return texts.map((text) => JSON.parse(text) as Reply)
      },
      say: (...commands) =>
        socket.receive(clientFrame(1, commands.map((command) => JSON.stringify(command)).join('\n'))),
    }
  }

  async subscribed(): Promise<Peer> {
    const peer = this.open()
    peer.say({ id: 1, connect: {} }, { id: 2, subscribe: { channel: 'quiet' } })
    await settled()
    assert.deepEqual(
      peer.replies().map(({ id }) => id),
      [1, 2],
    )
    return peer
  }
}

describe('channels over WebSockets', () => {
  test('publications of one turn are one write for each subscriber, the same bytes for all who only listen', async () => {
    const bench = new Bench()
    const [one, two, publisher] = [
      await bench.subscribed(),
      await bench.subscribed(),
      await bench.subscribed(),
    ]
    publisher.say(
      { id: 3, publish: { channel: 'quiet', data: 1 } },
      { id: 4, publish: { channel: 'quiet', data: 2 } },
    )
    bench.server.endTurn()
    for (const { connection } of [one, two, publisher]) assert.equal(connection.writes.length, 1)
    assert.equal(one.connection.pieces[0]?.[0], two.connection.pieces[0]?.[0])
    assert.deepEqual(
      one.replies().map(({ push }) => push?.pub?.data),
      [1, 2],
    )
    const own = publisher.replies().map(({ id, push }) => id ?? push?.pub?.data)
    assert.deepEqual(own, [1, 3, 2, 4], 'each publication before its acknowledgement')
  })

  test('a publication leaves out the connection that the app names', async () => {
    const bench = new Bench()
    const [one, two] = [await bench.subscribed(), await bench.subscribed()]
    const { id } = one.socket.data as { id: string }
    await bench.node.api.publish('quiet', 1, { except: id })
    assert.deepEqual([one.replies().length, two.replies().length], [0, 1])
  })

  test('a binary message ends the connection with 3506', () => {
    const bench = new Bench()
    const { socket, connection } = bench.open()
    socket.receive(clientFrame(2, new Uint8Array([1, 2])))
    bench.server.endTurn()
    assert.deepEqual(connection.events.at(-1)?.slice(0, 3), ['close', 3506, 'inappropriate protocol'])
  })

  test('one who does not read is closed with 3008 when too much waits, and others go on', async () => {
    const bench = new Bench()
    const [slow, quick] = [await bench.subscribed(), await bench.subscribed()]
    slow.connection.isSlow = true
    for (let i = 0; i < 40; i++) {
      await bench.node.api.publish('quiet', 'x'.repeat(50_000))
      bench.server.endTurn()
    }
    assert.equal(quick.replies().length, 40)
    assert.ok(slow.connection.queued < 1_200_000, String(slow.connection.queued))
    assert.deepEqual(slow.connection.events.at(-1)?.slice(0, 2), ['close', 3008])
    slow.socket.handleClose()
    assert.equal(bench.node.stats.connections, 1)
  })

  test('a socket that is gone leaves nothing', async () => {
    const bench = new Bench()
    const peer = await bench.subscribed()
    peer.socket.handleEnd()
    peer.socket.handleClose()
    assert.deepEqual(bench.node.stats, { connections: 0, channels: 0 })
    assert.deepEqual(bench.app.log, ['disconnected 1006 '])
  })

  test('the end of the app is told with 3001', async () => {
    const bench = new Bench()
    const peer = await bench.subscribed()
    await bench.node.stop()
    bench.server.endTurn()
    assert.deepEqual(peer.connection.events.at(-1)?.slice(0, 3), ['close', 3001, 'shutdown'])
  })
})
