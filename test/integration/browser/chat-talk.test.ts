import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ExampleProcess } from '../examples/example-process.ts'
import { chatFront } from './chat-front.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { launchChromium } from './launch-chromium.ts'

const server = ExampleProcess.start('chat')
const front = await chatFront(await server.ready())
const home = front.url
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await front.close()
  await server.kill()
})

async function enter(name: string, room: string): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, home)).join(name, room)
}

describe('two pages', () => {
  test('exchange messages both ways, and know who is there and who is typing', async () => {
    const ada = await enter('Ada Lovelace', 'talk')
    await ada.seesPeople('Ada Lovelace')
    await ada.sees('Only you are here')
    // A link is all that one needs to come to the same room.
    const lin = await ChatVisitor.open(browser, `${home}/rooms/talk`)
    await lin.join('Lin')
    await ada.sees('Lin joined')
    await ada.seesPeople('Ada Lovelace', 'Lin')
    await lin.seesPeople('Lin', 'Ada Lovelace')

    await lin.typeUntil(ada.sees('Lin is typing…'))
    await lin.composer.fill('')
    await ada.page.locator('#typing').filter({ hasNotText: 'typing' }).waitFor({ state: 'attached' })

    await lin.say('Hello\nthere')
    const heard = await ada.hears('Hello\nthere')
    assert.equal(await heard.locator('.writer').textContent(), 'Lin')
    assert.match((await heard.locator('time').textContent()) ?? '', /^\d\d:\d\d$/)
    assert.equal(await heard.getAttribute('class'), 'message')
    const own = await lin.hears('Hello\nthere')
    assert.equal(await own.getAttribute('class'), 'message is-own')
    await ada.say('Hi, Lin!')
    await lin.hears('Hi, Lin!')
    assert.deepEqual(await ada.texts(), await lin.texts())
    await ada.sees('Today')
    await leave(ada, lin)
  })

  test('notice when one is closed, and when one crashes', async () => {
    const ada = await enter('Ada', 'gone')
    const lin = await enter('Lin', 'gone')
    const sam = await enter('Sam', 'gone')
    await ada.seesPeople('Ada', 'Lin', 'Sam')
    await lin.page.close()
    await ada.sees('Lin left')
    const session = await sam.page.context().newCDPSession(sam.page)
    const crashed = sam.page.waitForEvent('crash')
    session.send('Page.crash').catch(() => {}) // There is nobody left to answer.
    await crashed
    await ada.sees('Sam left')
    await ada.seesPeople('Ada')
    await leave(ada, lin, sam)
  })
})

describe('what people write', () => {
  test('is text, whatever it looks like', async () => {
    const name = '<img src=x onerror=hi()>'
    const mallory = await enter(name, 'markup')
    const ada = await enter('Ada', 'markup')
    await mallory.typeUntil(ada.sees(`${name} is typing…`))
    const texts = [
      '<script>document.title = "pwned"</script>',
      '<img src=x onerror="document.title = `pwned`">',
      '"><svg onload=alert(1)>',
      'javascript:alert(1)',
      '{{7*7}} &lt;b&gt; &amp;',
    ]
    for (const text of texts) {
      await mallory.say(text)
      await ada.hears(text)
    }
    assert.deepEqual(await ada.texts(), texts)
    await ada.seesPeople('Ada', name)
    await ada.sees('You joined as Ada')
    for (const { page } of [ada, mallory]) {
      assert.equal(
        await page
          .locator('#chat :is(script, img:not([src="/icon.svg"]), b, a, [onload], [onerror])')
          .count(),
        0,
      )
      assert.equal(await page.title(), '#markup · GoWeb Chat')
    }
    await leave(ada, mallory)
  })

  test('has its web addresses as links, which open elsewhere', async () => {
    const ada = await enter('Ada', 'links')
    await ada.say('See https://example.com/a?b=c&d (or http://localhost/x). ftp://no.example, https://')
    const links = ada.page.locator('#log .bubble a')
    assert.deepEqual(await links.allTextContents(), ['https://example.com/a?b=c&d', 'http://localhost/x'])
    const link = links.first()
    assert.equal(await link.getAttribute('href'), 'https://example.com/a?b=c&d')
    assert.equal(await link.getAttribute('target'), '_blank')
    assert.equal(await link.getAttribute('rel'), 'noopener noreferrer nofollow')
    await leave(ada)
  })

  test('is sent with Enter, goes on with Shift and Enter, and is neither empty nor too long', async () => {
    const ada = await enter('Ada', 'keys')
    assert.equal(await ada.sendButton.isDisabled(), true)
    await ada.composer.press('Enter')
    await ada.composer.pressSequentially('  ')
    await ada.composer.press('Enter')
    await ada.composer.fill('one')
    await ada.composer.press('Shift+Enter')
    await ada.composer.pressSequentially('two')
    await ada.composer.press('Enter')
    await ada.hears('one\ntwo')
    assert.equal(await ada.composer.inputValue(), '')

    await ada.composer.fill('x'.repeat(2_003))
    await ada.sees('3 characters too many')
    assert.equal(await ada.sendButton.isDisabled(), true)
    await ada.composer.press('Enter')
    await ada.composer.fill('x'.repeat(2_000))
    await ada.sees('0 characters left')
    await ada.sendButton.click()
    await ada.hears('x'.repeat(2_000))
    assert.deepEqual(await ada.texts(), ['one\ntwo', 'x'.repeat(2_000)])
    await leave(ada)
  })
})
