// not on node22: it starts the runtimes itself
// not on bun: it starts the runtimes itself
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, request } from '../../conformance/wire/exchange.ts'
import { ExampleProcess } from './example-process.ts'

/** What a server says to a path that only Bun resolves. */
async function statusOfDots(port: number): Promise<number> {
  return (await ask(port, request('GET /hello/../hello/Ada'))).status
}

describe('RUNTIME', () => {
  for (const [runtime, status] of [
    ['bun', 200],
    ['node', 400],
  ] as const) {
    test(`=${runtime} has an example run there`, async (t) => {
      const echo = new ExampleProcess('npm', ['run', '-s', 'echo'], { runtime })
      t.after(() => echo.kill())
      assert.equal(await statusOfDots(await echo.ready()), status)
      const { stdout, stderr } = await echo.stop()
      assert.deepEqual([stdout.length, stderr], [1, []])
    })
  }

  test('=bun opens the chat, with the scripts of its page', async (t) => {
    const chat = new ExampleProcess('npm', ['start'], { runtime: 'bun' })
    t.after(() => chat.kill())
    const port = await chat.ready()
    const script = (await ask(port, request('GET /scripts/browser/chat-room.ts'))).body.toString()
    assert.match(script, /\/scripts\/goweb\/client\.ts/)
    assert.doesNotMatch(script, /interface|import type/)
    assert.equal((await ask(port, request('GET /scripts/goweb/client.ts'))).status, 200)
  })

  test('that nobody knows is refused by name', async () => {
    const { code, stderr } = await new ExampleProcess('npm', ['run', '-s', 'echo'], { runtime: 'deno' }).ended
    assert.notEqual(code, 0)
    assert.match(stderr.join('\n'), /RUNTIME=deno: expected node or bun/)
  })
})
