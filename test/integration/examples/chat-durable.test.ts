// not on node22: it starts eight processes, and what they show of the broker there its own tests show
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { unusedPort } from '../browser/unused-port.ts'
import { ChannelClient } from '../channels/channel-client.ts'
import { ChatClient } from './chat-client.ts'
import { ExampleProcess } from './example-process.ts'

const WRITERS = ['Ada', 'Lin', 'Sam']
/** Half of what the chat keeps of a room: who is away for longer is told of a gap, and rightly. */
const MAX_TEXTS_MISSED = 500

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'goweb-chat-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** People who type without a pause, but for when somebody has been away too long. */
class Typists {
  isOver = false
  isSomebodyAway = false
  #typed = 0

  /** Resolves when the next text may be typed. */
  async next(): Promise<void> {
    while (this.isSomebodyAway && this.#typed >= MAX_TEXTS_MISSED && !this.isOver) {
      await setTimeout(5)
    }
    this.#typed++
  }

  someoneLeaves(): void {
    this.isSomebodyAway = true
    this.#typed = 0
  }
}

/** Types until it is told to stop; resolves with the texts, all of them stored. */
async function typeUntil(client: ChatClient, name: string, typists: Typists): Promise<string[]> {
  const texts: string[] = []
  const stored: Promise<void>[] = []
  while (!typists.isOver) {
    await typists.next()
    const text = `${name} ${texts.length}`
    texts.push(text)
    stored.push(client.say(text))
    // Two are always on their way.
    await stored.at(-2)
  }
  await Promise.all(stored)
  return texts
}

describe('a chat that is killed while people type', () => {
  test('goes on where it was: nothing is lost or doubled, and all are there', async (t) => {
    const data = join(temporaryFolder(t), 'rooms/chat.db')
    const port = await unusedPort()
    let server = ExampleProcess.start('chat', { port, data })
    t.after(() => server.kill())
    await server.ready()
    const clients = await Promise.all(WRITERS.map((name) => ChatClient.enter(port, { name })))
    t.after(() => clients.forEach((client) => client.leave()))
    const heard: string[][] = clients.map(() => [])
    const listening = clients.map(async (client, index) => {
      for (;;) {
        const { kind, text = '' } = await client.news.next(
          ({ kind: what }) => what === 'message' || what === 'gap',
        )
        heard[index]!.push(kind === 'gap' ? 'gap' : text)
        if (text === 'the end') return
      }
    })
    const typists = new Typists()
    const writing = clients.map((client, index) => typeUntil(client, WRITERS[index]!, typists))

    for (let kills = 0; kills < 2; kills++) {
      const before = heard[0]!.length
      while (heard[0]!.length < before + 30) await new Promise((resolve) => setImmediate(resolve))
      typists.someoneLeaves()
      const back = clients.map((client) => client.states.next(({ state }) => state === 'connected'))
      await server.stop('SIGKILL')
      server = ExampleProcess.start('chat', { port, data })
      await server.ready()
      await Promise.all(back)
      typists.isSomebodyAway = false
    }
    typists.isOver = true
    const texts = await Promise.all(writing)
    await clients[0]!.say('the end')
    await Promise.all(listening)

    for (const own of heard) {
      assert.deepEqual(own, heard[0], 'all hear the same in the same order')
      for (const [index, name] of WRITERS.entries()) {
        assert.deepEqual(
          own.filter((text) => text.startsWith(`${name} `)),
          texts[index],
        )
      }
      assert.equal(own.length, texts.flat().length + 1)
    }
    assert.deepEqual(await clients[0]!.members(), WRITERS)
  })

  test('keeps its rooms for who comes later, and nobody present who has not come back', async (t) => {
    const data = join(temporaryFolder(t), 'chat.db')
    const first = ExampleProcess.start('chat', { data })
    t.after(() => first.kill())
    const gone = await ChatClient.enter(await first.ready())
    await gone.say('kept')
    await first.stop('SIGKILL')
    gone.leave()
    const second = ExampleProcess.start('chat', { data })
    t.after(() => second.kill())
    const lin = await ChatClient.enter(await second.ready(), { name: 'Lin' })
    assert.deepEqual((await lin.history({ limit: 10 })).texts, ['kept'])
    assert.deepEqual(await lin.members(), ['Lin'])
    lin.leave()
    assert.deepEqual((await second.stop()).stderr, [])
  })

  test('says in one line that its file is none', async (t) => {
    // A folder is no file; what is left beside it goes with the one around it.
    const data = join(temporaryFolder(t), 'folder')
    mkdirSync(data)
    const server = ExampleProcess.start('chat', { data })
    t.after(() => server.kill())
    const { code, stderr } = await server.ended
    assert.equal(code, 1)
    assert.equal(stderr.length, 1, stderr.join('\n'))
    assert.match(stderr[0] ?? '', /^The chat cannot start: /)
  })
})

describe('the echo server', () => {
  test('keeps channels in a file with BROKER=sqlite:FILE', async (t) => {
    const file = join(temporaryFolder(t), 'echo.db')
    const epochs: unknown[] = []
    for (const offset of [1, 2]) {
      const server = ExampleProcess.start('echo', { broker: `sqlite:${file}` })
      t.after(() => server.kill())
      const client = await ChannelClient.connect(await server.ready())
      await client.result('subscribe', { channel: 'open/x' })
      await client.result('publish', { channel: 'open/x', data: offset })
      const page = await client.result('history', { channel: 'open/x' })
      assert.equal(page['offset'], offset)
      epochs.push(page['epoch'])
      await server.stop('SIGKILL')
    }
    assert.ok(existsSync(file))
    assert.equal(epochs[0], epochs[1])
  })
})
