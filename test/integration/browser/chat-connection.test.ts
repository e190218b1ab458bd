import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { WebSocketRoute } from 'playwright-core'
import { ExampleProcess } from '../examples/example-process.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { launchChromium } from './launch-chromium.ts'

const server = ExampleProcess.start('chat')
const home = `http://localhost:${await server.ready()}`
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await server.kill()
})

async function enter(name: string, room: string): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, home)).join(name, room)
}

describe('when the connection is lost', () => {
  test('because the device is offline, the page says so, and catches up afterwards', async () => {
    const ada = await enter('Ada', 'offline')
    const lin = await enter('Lin', 'offline')
    await lin.say('one')
    await ada.hears('one')
    await ada.page.context().setOffline(true)
    await ada.sees('Offline')
    await ada.page.locator('#notice').getByText('This device is offline.').waitFor()
    await lin.sees('Ada left')
    await lin.say('two')

    await ada.page.context().setOffline(false)
    await ada.sees('Online')
    await ada.hears('two')
    await lin.seesPeople('Lin', 'Ada')
    assert.deepEqual(await ada.texts(), ['one', 'two'])
    assert.equal(await ada.page.getByText('may be missing').count(), 0)
    await leave(ada, lin)
  })
})

/** In place of what is lost: a page that hears nothing for long takes the connection for dead by itself. */
const PONG = '{"kind":"pong"}'

function isMessage(text: string | Buffer): boolean {
  return (JSON.parse(text.toString()) as { kind: string }).kind === 'message'
}

/** A visitor whose connection passes through `route`, where messages can be lost. */
async function enterThrough(room: string, route: (socket: WebSocketRoute) => void): Promise<ChatVisitor> {
  const visitor = await ChatVisitor.open(browser, home)
  await visitor.page.routeWebSocket(/\/socket\?/, route)
  return visitor.join('Ada', room)
}

describe('a message that is under way when the connection is lost', () => {
  test('and did not arrive is shown as not sent, and can be sent again or deleted', async () => {
    const sockets: WebSocketRoute[] = []
    const ada = await enterThrough('lost', (socket) => {
      const upstream = socket.connectToServer()
      const isFirst = sockets.push(socket) === 1
      socket.onMessage((message) => {
        if (isFirst && isMessage(message)) socket.send(PONG)
        else upstream.send(message)
      })
    })
    for (const text of ['again', 'forget it']) {
      await ada.composer.fill(text)
      await ada.composer.press('Enter')
      await ada.page.locator('#pending .is-sending', { hasText: text }).waitFor()
    }
    await sockets[0]?.close({ code: 3000 })
    await ada.page.locator('#pending .is-failed').nth(1).waitFor()
    await ada.sees('Online')
    assert.deepEqual(await ada.texts(), [])

    const pending = (text: string) => ada.page.locator('#pending .message', { hasText: text })
    await pending('forget it').getByRole('button', { name: 'Delete' }).click()
    await pending('again').getByRole('button', { name: 'Try again' }).click()
    await ada.hears('again')
    assert.equal(await ada.page.locator('#pending .message').count(), 0)
    assert.deepEqual(await ada.texts(), ['again'])
    await leave(ada)
  })

  test('but arrived is found among the messages of the room, and not shown twice', async () => {
    const sockets: WebSocketRoute[] = []
    const ada = await enterThrough('arrived', (socket) => {
      const upstream = socket.connectToServer()
      const isFirst = sockets.push(socket) === 1
      upstream.onMessage((message) => {
        socket.send(isFirst && isMessage(message) ? PONG : message)
      })
    })
    const lin = await enter('Lin', 'arrived')
    await ada.composer.fill('there?')
    await ada.composer.press('Enter')
    await lin.hears('there?')
    await ada.page.locator('#pending .is-sending').waitFor()
    await sockets[0]?.close({ code: 3000 })
    await ada.hears('there?')
    await ada.page.locator('#pending .message').waitFor({ state: 'detached' })
    assert.deepEqual(await ada.texts(), ['there?'])
    assert.deepEqual(await lin.texts(), ['there?'])
    await leave(ada, lin)
  })
})
