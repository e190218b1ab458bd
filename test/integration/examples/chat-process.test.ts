import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { ChatClient } from './chat-client.ts'
import { ExampleProcess } from './example-process.ts'

describe('the process of the chat', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`says goodbye to everybody and ends well on ${signal}`, async (t) => {
      const server = ExampleProcess.start('chat')
      t.after(() => server.kill())
      const client = await ChatClient.enter(await server.ready())
      const ending = await server.stop(signal)
      const goodbye = await client.states.next(({ state }) => state === 'connecting')
      client.leave()
      assert.deepEqual([goodbye.code, goodbye.reason], [3001, 'shutdown'])
      assert.deepEqual([ending.code, ending.signal, ending.stderr], [0, null, []])
    })
  }

  test('says in one line that its port is taken', async (t) => {
    const other = createServer().listen(0)
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const server = ExampleProcess.start('chat', { port })
    t.after(() => server.kill())
    const { code, stdout, stderr } = await server.ended
    other.close()
    assert.equal(code, 1)
    assert.deepEqual(stdout, [])
    assert.equal(stderr.length, 1, stderr.join('\n'))
    assert.match(stderr[0] ?? '', new RegExp(`^The chat cannot start: .*${port}.*in use`))
  })

  test('says in one line that its port is none', async (t) => {
    const endings = await Promise.all(
      ['eighty', '70000', '-1'].map(async (port) => {
        const server = ExampleProcess.start('chat', { port })
        t.after(() => server.kill())
        return await server.ended
      }),
    )
    for (const { code, stderr } of endings) {
      assert.equal(code, 1)
      assert.equal(stderr.length, 1, stderr.join('\n'))
      assert.match(stderr[0] ?? '', /^The chat cannot start: /)
    }
  })

  test('is what npm start starts, and tells where it is', async (t) => {
    const server = new ExampleProcess('npm', ['start'])
    t.after(() => server.kill())
    const port = await server.ready()
    const response = await fetch(`http://localhost:${port}/`)
    assert.match(await response.text(), /GoWeb Chat/)
    const { stdout } = await server.stop()
    const said = stdout.filter((line) => line !== '' && !line.startsWith('>'))
    assert.deepEqual(said, [`The chat is open: http://localhost:${port}`])
  })
})
