import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ExampleProcess } from '../examples/example-process.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { launchChromium } from './launch-chromium.ts'
import { unusedPort } from './unused-port.ts'

const port = await unusedPort()
const home = `http://localhost:${port}`
let server = ExampleProcess.start('chat', { port })
await server.ready()
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await server.kill()
})

async function enter(name: string, room: string): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, home)).join(name, room)
}

describe('a server that is restarted', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`after ${signal} has both pages back, which go on`, async () => {
      const ada = await enter('Ada', `restart-${signal.toLowerCase()}`)
      const lin = await enter('Lin', `restart-${signal.toLowerCase()}`)
      await ada.seesPeople('Ada', 'Lin')
      await ada.say('before')
      await lin.hears('before')

      await server.stop(signal)
      for (const visitor of [ada, lin]) {
        await visitor.page
          .locator('#connection')
          .filter({ hasText: /^\s*Reconnecting/ })
          .waitFor()
        await visitor.page.locator('#notice').getByText('your text is kept').waitFor()
      }
      await ada.composer.fill('meanwhile')
      assert.equal(await ada.sendButton.isDisabled(), true)
      await ada.composer.press('Enter')

      server = ExampleProcess.start('chat', { port })
      await server.ready()
      for (const visitor of [ada, lin]) {
        await visitor.sees('Online')
        await visitor.sees('Messages sent while you were away may be missing')
      }
      await ada.seesPeople('Ada', 'Lin')
      await lin.seesPeople('Lin', 'Ada')

      assert.equal(await ada.composer.inputValue(), 'meanwhile')
      await ada.composer.press('Enter')
      await lin.hears('meanwhile')
      await lin.say('after')
      await ada.hears('after')
      assert.deepEqual(await ada.texts(), ['before', 'meanwhile', 'after'])
      assert.deepEqual(await lin.texts(), ['before', 'meanwhile', 'after'])
      await leave(ada, lin)
    })
  }
})
