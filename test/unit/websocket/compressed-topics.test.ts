import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { InflatingClient } from './deflating-client.ts'
import { FakeServer } from './fake-server.ts'
import { compression, ManualCodec } from './manual-codec.ts'

const TAKEOVER = { thresholdBytes: 10, serverNoContextTakeover: false }

/** Numbers from 0 to below `limit`, the same for the same seed. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * limit)
  }
}

describe('a message to a topic', () => {
  for (const [name, message] of [
    ['small', 'small and small '.repeat(10)],
    ['large', 'large and large '.repeat(200)],
  ] as const) {
    test(`that is ${name} is deflated once for all that compress alike, and shared`, () => {
      const server = new FakeServer()
      const codec = new ManualCodec()
      const setup = compression({ thresholdBytes: 10 }, codec)
      const narrow = { ...setup, agreement: { ...setup.agreement, serverWindowBits: 9 } }
      const members = [undefined, undefined, setup, setup, setup, narrow, narrow].map((own) =>
        server.open({}, {}, own),
      )
      for (const { socket } of members) socket.subscribe('t')
      server.endTurn()
      for (const { connection } of members) connection.clear()
      assert.equal(server.hub.publish('t', message), 7)
      server.endTurn()
      while (codec.waiting.length > 0) codec.finish()
      assert.equal(codec.deflations, 2)
      const payloads = members.map(({ connection }) => connection.pieces.flat().at(-1)!)
      assert.equal(payloads[0]!.buffer, payloads[1]!.buffer)
      assert.equal(payloads[2]!.buffer, payloads[3]!.buffer)
      assert.equal(payloads[2]!.byteOffset, payloads[4]!.byteOffset)
      assert.equal(payloads[5]!.byteOffset, payloads[6]!.byteOffset)
      for (const [index, { connection }] of members.entries()) {
        const client = new InflatingClient(false)
        assert.deepEqual(client.texts(connection.events), [message])
        assert.equal(client.deflatedCount, index < 2 ? 0 : 1)
      }
    })
  }

  test('that is large reaches those that do not compress at once, and not its sender', () => {
    const server = new FakeServer()
    const codec = new ManualCodec()
    const setup = compression({ thresholdBytes: 10 }, codec)
    const [plain, sender, other] = [undefined, setup, setup].map((own) => server.open({}, {}, own))
    for (const { socket } of [plain!, sender!, other!]) socket.subscribe('t')
    sender!.socket.publish('t', 'large and large '.repeat(200))
    server.endTurn()
    assert.equal(plain!.connection.texts.length, 1)
    codec.finish()
    assert.equal(sender!.connection.events.length, 0)
    assert.equal(other!.connection.events.length, 1)
  })

  test('that is large counts for backpressure', () => {
    const server = new FakeServer()
    const codec = new ManualCodec()
    const { socket, connection } = server.open({}, { maxBackpressureBytes: 4_000 }, compression({}, codec))
    socket.subscribe('t')
    server.hub.publish('t', 'large and large '.repeat(200))
    server.hub.publish('t', 'large and large '.repeat(200))
    assert.equal(socket.state, 'closing')
    server.endTurn()
    codec.finish()
    assert.deepEqual(
      connection.events.map(([kind]) => kind),
      ['deflated text', 'close'],
    )
  })

  test('is not deflated any more when all that waited for it are gone', () => {
    const server = new FakeServer()
    const codec = new ManualCodec()
    const sockets = [1, 2].map(() => server.open({}, {}, compression({}, codec)).socket)
    for (const socket of sockets) socket.subscribe('t')
    server.hub.publish('t', 'large and large '.repeat(200))
    for (const socket of sockets) socket.terminate()
    codec.finish()
    assert.equal(server.errors.length, 0)
  })
})

test('every client inflates what it is owed, in order, whatever it agreed on', () => {
  const offers = [
    'permessage-deflate',
    'permessage-deflate; server_no_context_takeover',
    'permessage-deflate; server_max_window_bits=9',
    'permessage-deflate; server_max_window_bits=8',
  ]
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomNumbers(seed)
    const server = new FakeServer()
    const codec = new ManualCodec(500)
    const setups = [undefined, ...offers.map((offer) => compression(TAKEOVER, codec, offer))]
    const members = setups.map((setup) => ({
      ...server.open({}, {}, setup),
      client: new InflatingClient(setup?.agreement.hasServerTakeover === true),
      topics: new Set<string>(),
      owed: [] as string[],
    }))
    for (let step = 0; step < 80; step++) {
      const member = members[random(members.length)]!
      const topic = 'ab'[random(2)]!
      const text = `${step} some words `.repeat([1, 1, 5, 5, 60][random(5)]!)
      switch (random(8)) {
        case 0:
        case 1:
          member.socket.send(text)
          member.owed.push(text)
          break
        case 2:
          member.socket.subscribe(topic)
          member.topics.add(topic)
          break
        case 3:
          member.socket.unsubscribe(topic)
          member.topics.delete(topic)
          break
        case 4:
        case 5:
          member.socket.publish(topic, text)
          for (const other of members) if (other !== member && other.topics.has(topic)) other.owed.push(text)
          break
        case 6:
          server.endTurn()
          break
        default:
          if (codec.waiting.length > 0) codec.finish(random(codec.waiting.length))
      }
    }
    server.endTurn()
    while (codec.waiting.length > 0) codec.finish(random(codec.waiting.length))
    for (const [index, { connection, client, owed }] of members.entries()) {
      assert.deepEqual(client.texts(connection.events), owed, `seed ${seed}, member ${index}`)
    }
  }
})
