import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWeb, GoWebError } from 'goweb'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

describe('onError', () => {
  test('sees the errors of commands, innermost scope first, and may change what the client is told', async (t) => {
    const { app, reports } = makeApp(t)
    const seen: string[] = []
    const child = new GoWeb()
      .onError((error, c) => {
        seen.push(`child ${c.kind} ${c.route} ${String(error)}`)
        if (error instanceof RangeError) throw new GoWebError('CONFLICT', 'Out of range')
        return error instanceof SyntaxError ? true : undefined
      })
      .channel('room', {
        delivery: 'live',
        subscribe: async () => {
          throw new RangeError('sub')
        },
      })
      .call('taken', {}, () => JSON.parse('{') as unknown)
      .call('reported', {}, async () => {
        throw new TypeError('call')
      })
    app
      .onError((error, c) => {
        const from = c.kind === 'socket' ? '' : c.connection?.user
        seen.push(`root ${c.kind} ${from} ${String(error)}`)
      })
      .authenticate((_c, token) => (token === '' ? undefined : { user: token }))
      .mount('/a', child)
    const port = await serve(t, app)
    const refused = await ChannelClient.open(port)
    assert.equal((await refused.error('connect', {}))['code'], 101)
    await refused.closed
    const client = await ChannelClient.connect(port, { token: 'ada' })
    assert.deepEqual(await client.error('subscribe', { channel: 'a/room' }), {
      code: 409,
      message: 'Out of range',
      name: 'CONFLICT',
    })
    assert.equal((await client.error('rpc', { method: 'a.taken' }))['code'], 100)
    assert.equal((await client.error('rpc', { method: 'a.reported' }))['code'], 100)
    assert.match(String((await reports.take()).error), /TypeError: call/)
    await client.close()
    assert.deepEqual(
      seen.map((line) => line.replace(/ SyntaxError.*/, ' SyntaxError')),
      [
        'root connect  GoWebError: Not authenticated',
        'child subscribe a/room RangeError: sub',
        'root subscribe ada GoWebError: Out of range',
        'child call a.taken SyntaxError',
        'child call a.reported TypeError: call',
        'root call ada TypeError: call',
      ],
    )
  })
})
