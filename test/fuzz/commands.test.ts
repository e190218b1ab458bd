import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseCommand } from '../../src/protocol/parse-command.ts'
import { FakeNode } from '../unit/realtime/fake-node.ts'
import { fuzzOptions } from './fuzz-options.ts'

const METHODS = [
  'connect',
  'subscribe',
  'unsubscribe',
  'publish',
  'presence',
  'presence_stats',
  'history',
  'ping',
  'send',
  'rpc',
  'refresh',
  'sub_refresh',
]
const NAMES = [...METHODS, 'fly', '__proto__', 'constructor']
const FIELDS = [
  'channel',
  'data',
  'token',
  'recover',
  'epoch',
  'offset',
  'limit',
  'since',
  'reverse',
  'subs',
  'id',
  'event',
  'method',
]
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>('room', 'live', 'nowhere', '', true, 0, 1, -1, 2 ** 53, { offset: 1, epoch: 'e' }),
)
const request = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), value) },
  { weight: 1, arbitrary: value },
)
const command = fc
  .tuple(
    fc.oneof(fc.nat(40), value),
    fc.dictionary(fc.constantFrom(...NAMES), request, { minKeys: 0, maxKeys: 2 }),
  )
  .map(([id, methods]) => JSON.stringify({ id, ...methods }))
/** Lines that are commands, nearly commands, or nothing at all. */
const line = fc.oneof(
  command,
  fc.tuple(command, fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, piece]) => {
    const position = at % (text.length + 1)
    return text.slice(0, position) + piece + text.slice(position + 1)
  }),
  fc.constantFrom('{}', '', '{"id":1}', 'null', '[]'),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

test('parseCommand gives only what was checked, whatever comes', () => {
  fc.assert(
    fc.property(line, (text) => {
      const parsed = parseCommand(text)
      if (parsed.kind === 'refused') assert.ok(parsed.id > 0 && [104, 107].includes(parsed.error.code))
      if (parsed.kind !== 'command') return
      const { id = 0, ...methods } = parsed.command
      const known = Object.keys(methods).filter((name) => METHODS.includes(name))
      assert.equal(known.length, 1, text)
      assert.ok(id > 0 || known[0] === 'send')
      const { subscribe, publish, history } = parsed.command
      for (const one of [subscribe, publish, history]) {
        assert.ok(one === undefined || typeof one.channel === 'string')
      }
      assert.ok(subscribe?.offset === undefined || Number.isSafeInteger(subscribe.offset))
      assert.ok(history?.since === undefined || typeof history.since.epoch === 'string')
    }),
    fuzzOptions(10_000),
  )
})

test('a connection answers each command once or ends, and others notice nothing', async () => {
  const fake = new FakeNode()
  const witness = await fake.connected('room')
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), async (lines, isConnected) => {
      const client = isConnected ? await fake.connected() : fake.client()
      const before = client.received.length
      client.say(lines.join('\n'))
      for (let i = 0; i < 20; i++) await Promise.resolve()
      const ids = client.received.slice(before).flatMap(({ id }) => (id === undefined ? [] : [id]))
      assert.equal(new Set(ids).size, ids.length, 'an id was answered twice')
      if (client.closed === undefined) client.cut()
      else assert.ok([3000, 3500, 3501, 3507].includes(client.closed.code), String(client.closed.code))
      assert.equal(witness.closed, undefined)
      assert.deepEqual(fake.app.reports, [])
    }),
    fuzzOptions(1_000),
  )
  assert.equal(fake.node.stats.connections, 1)
  assert.equal(fake.node.stats.channels, 1)
})
