import assert from 'node:assert/strict'
import type { PresenceEntry } from '../../../../src/realtime/broker.ts'
import type { TestNode } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

const LONG_MS = 3_600_000

function entryOf(client: string, info = '{}'): PresenceEntry {
  return { client, user: `user of ${client}`, info }
}

async function clientsOf({ node }: TestNode, channel: string): Promise<string[]> {
  return (await node.presence(channel)).map(({ client }) => client).toSorted()
}

/** Guarantee 6: a presence entry is gone at the latest `ttlMs` after it was last set. */
export const PRESENCE_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'shows every node who is present, by channel, as last set',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await one.node.setPresence('a', entryOf('x', '{"v":1}'), LONG_MS)
      await two.node.setPresence('a', entryOf('y'), LONG_MS)
      await two.node.setPresence('b', entryOf('x'), LONG_MS)
      await one.node.setPresence('a', entryOf('x', '{"v":2}'), LONG_MS)
      for (const { node } of [one, two]) {
        const entries = (await node.presence('a')).map((entry) => ({ ...entry }))
        assert.deepEqual(
          entries.toSorted((a, b) => a.client.localeCompare(b.client)),
          [entryOf('x', '{"v":2}'), entryOf('y')],
        )
      }
      await two.node.removePresence('a', 'x')
      await two.node.removePresence('a', 'never')
      await two.node.removePresence('never', 'x')
      assert.deepEqual(await clientsOf(one, 'a'), ['y'])
      assert.deepEqual(await clientsOf(one, 'b'), ['x'])
      assert.deepEqual(await clientsOf(one, 'never'), [])
    },
  },
  {
    name: 'forgets who was not set again in time, and only those',
    async run(bench) {
      const node = await bench.connect()
      const ttlMs = 4 * bench.setup.tickMs
      for (const client of ['kept', 'lost']) await node.node.setPresence('a', entryOf(client), ttlMs)
      await node.node.setPresence('a', entryOf('long'), LONG_MS)
      await bench.sleepTicks(2)
      await node.node.setPresence('a', entryOf('kept'), ttlMs)
      assert.deepEqual(await clientsOf(node, 'a'), ['kept', 'long', 'lost'])
      await bench.sleepTicks(2.5)
      assert.deepEqual(await clientsOf(node, 'a'), ['kept', 'long'])
      await bench.sleepTicks(2.5)
      assert.deepEqual(await clientsOf(node, 'a'), ['long'])
      await node.node.setPresence('a', entryOf('lost'), ttlMs)
      assert.deepEqual(await clientsOf(node, 'a'), ['long', 'lost'])
    },
  },
  {
    name: 'forgets those of a node that is gone',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await one.node.setPresence('a', entryOf('x'), 4 * bench.setup.tickMs)
      await one.node.close()
      await bench.sleepTicks(6)
      assert.deepEqual(await clientsOf(two, 'a'), [])
    },
  },
]
