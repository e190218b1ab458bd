import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type } from 'arktype'
import type { StandardSchema } from 'goweb'
import * as v from 'valibot'
import { z } from 'zod'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

const schemas: [name: string, schema: StandardSchema<{ n: number }>][] = [
  ['zod', z.object({ n: z.number() })],
  ['zod, asynchronous', z.object({ n: z.number() }).refine(async ({ n }) => n !== 13)],
  ['valibot', v.object({ n: v.number() })],
  ['arktype', type({ n: 'number' })],
]

describe('schemas of events and calls', () => {
  for (const [name, schema] of schemas) {
    test(`may be those of ${name}`, async (t) => {
      const { app } = makeApp(t)
      app
        .channel('room', { delivery: 'live', public: true, events: { say: { schema, from: 'client' } } })
        .call('next', { input: schema, output: schema }, (_c, { n }) => ({ n: n + 1 }))
      const port = await serve(t, app)
      const client = await ChannelClient.connect(port)
      await client.result('subscribe', { channel: 'room' })
      await client.result('publish', { channel: 'room', event: 'say', data: { n: 1 } })
      assert.deepEqual((await client.push('pub'))['data'], { n: 1 })
      assert.equal(
        (await client.error('publish', { channel: 'room', event: 'say', data: { n: '1' } }))['code'],
        422,
      )
      assert.deepEqual(await client.result('rpc', { method: 'next', data: { n: 1 } }), { data: { n: 2 } })
      const { issues } = await client.error('rpc', { method: 'next', data: {} })
      assert.equal((issues as { pointer: string }[])[0]?.pointer, '/n')
      await client.close()
    })
  }
})
