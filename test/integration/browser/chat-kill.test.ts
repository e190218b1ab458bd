import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { ExampleProcess } from '../examples/example-process.ts'
import { chatFront } from './chat-front.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { launchChromium } from './launch-chromium.ts'
import { unusedPort } from './unused-port.ts'

const port = await unusedPort()
const folder = mkdtempSync(join(tmpdir(), 'goweb-chat-'))
const data = join(folder, 'chat.db')
let server = ExampleProcess.start('chat', { port, data })
await server.ready()
const front = await chatFront(port)
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await front.close()
  await server.kill()
  rmSync(folder, { recursive: true, force: true })
})

async function enter(name: string): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, front.url)).join(name, 'kill')
}

/** Sends one message after the other, without waiting for any. */
async function type(visitor: ChatVisitor, name: string, from: number, count: number): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, n) => `${name} ${from + n}`)
  for (const text of texts) await visitor.write(text)
  return texts
}

describe('a server that is killed while two pages type, and keeps its rooms in a file', () => {
  test('has both go on where they were, with every message once', async () => {
    const ada = await enter('Ada')
    const lin = await enter('Lin')
    await ada.seesPeople('Ada', 'Lin')
    const typed = [type(ada, 'Ada', 0, 20), type(lin, 'Lin', 0, 20)]
    await Promise.all([lin.hears('Ada 5'), ada.hears('Lin 5')])
    await server.stop('SIGKILL')
    const sent = (await Promise.all(typed)).flat()
    for (const visitor of [ada, lin]) await visitor.sees('Reconnecting…')
    sent.push(...(await type(ada, 'Ada', 20, 3)))

    server = ExampleProcess.start('chat', { port, data })
    await server.ready()
    for (const visitor of [ada, lin]) {
      await visitor.sees('Online')
      await visitor.settled()
    }
    await lin.say('Lin 20')
    await ada.hears('Lin 20')
    await lin.hears('Ada 22')
    sent.push('Lin 20')
    const texts = await ada.texts()
    assert.deepEqual(await lin.texts(), texts)
    assert.deepEqual(texts.toSorted(), sent.toSorted())
    for (const name of ['Ada', 'Lin']) {
      const own = (list: readonly string[]): string[] => list.filter((text) => text.startsWith(name))
      assert.deepEqual(own(texts), own(sent))
    }
    for (const visitor of [ada, lin]) assert.equal(await visitor.page.getByText('may be missing').count(), 0)
    await ada.seesPeople('Ada', 'Lin')
    await lin.seesPeople('Lin', 'Ada')
    await leave(ada, lin)
  })
})
