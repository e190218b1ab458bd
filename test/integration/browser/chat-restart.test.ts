import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ExampleProcess } from '../examples/example-process.ts'
import { chatFront } from './chat-front.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { CutProxy } from './cut-proxy.ts'
import { launchChromium } from './launch-chromium.ts'
import { unusedPort } from './unused-port.ts'

const MAY_BE_MISSING = 'Messages sent while you were away may be missing'

const port = await unusedPort()
let server = ExampleProcess.start('chat', { port })
await server.ready()
const front = await chatFront(port)
const home = front.url
const network = await CutProxy.open(front.port, front.url)
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await network.close()
  await front.close()
  await server.kill()
})

async function start(): Promise<void> {
  server = ExampleProcess.start('chat', { port })
  await server.ready()
}

async function enter(name: string, room: string, address = home): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, address)).join(name, room)
}

describe('a server that is restarted', () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`after ${signal} has both pages back, which say what is gone, and go on`, async () => {
      const ada = await enter('Ada', `restart-${signal.toLowerCase()}`)
      const lin = await enter('Lin', `restart-${signal.toLowerCase()}`)
      await ada.seesPeople('Ada', 'Lin')
      await ada.say('before')
      await lin.hears('before')

      await server.stop(signal)
      for (const visitor of [ada, lin]) {
        await visitor.sees('Reconnecting…')
        await visitor.sees('The connection was lost. What you send waits here until it is back.')
      }
      await ada.write('meanwhile')
      await ada.page.locator('#pending .is-waiting', { hasText: 'meanwhile' }).waitFor()

      await start()
      for (const visitor of [ada, lin]) {
        await visitor.sees('Online')
        await visitor.sees(MAY_BE_MISSING)
        await visitor.hears('meanwhile')
      }
      await ada.settled()
      await ada.seesPeople('Ada', 'Lin')
      await lin.seesPeople('Lin', 'Ada')
      await lin.say('after')
      await ada.hears('after')
      for (const visitor of [ada, lin]) {
        assert.deepEqual(await visitor.texts(), ['before', 'meanwhile', 'after'])
        assert.equal(await visitor.page.getByText(MAY_BE_MISSING).count(), 1)
      }
      await leave(ada, lin)
    })
  }

  test('leaves it to its writer what to do about a message that nobody knows of', async () => {
    const ada = await enter('Ada', 'unsure', network.address)
    await ada.say('before')
    network.lose('requests')
    await ada.write('try this')
    await ada.write('forget it')
    await ada.page.locator('#pending .is-sending').nth(1).waitFor()
    await server.stop('SIGKILL')
    network.cut()
    await ada.write('later')
    await start()
    network.mend()
    await ada.hears('later')
    await ada.page.locator('#pending .is-unsure').nth(1).waitFor()
    const pending = (text: string) => ada.page.locator('#pending .message', { hasText: text })
    assert.match((await pending('try this').textContent()) ?? '', /Nobody knows whether it arrived/)

    await pending('forget it').getByRole('button', { name: 'Delete' }).click()
    await pending('try this').getByRole('button', { name: 'Send again' }).click()
    await ada.hears('try this')
    await ada.settled()
    assert.deepEqual(await ada.texts(), ['before', 'later', 'try this'])
    await leave(ada)
  })
})
