import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { GoWeb, html } from 'goweb'
import { z } from 'zod'
import { pageScripts } from '../../../examples/chat/page-scripts.ts'
import { launchChromium } from './launch-chromium.ts'

/** Has `goweb/client` among what it imports. */
const scripts = pageScripts('browser/chat-room.ts')

const PAGE = `
  import { connect } from '/scripts/goweb/client.ts'
  const list = document.querySelector('ul')
  const { position } = JSON.parse(list.dataset.state)
  const add = (text) => list.append(Object.assign(document.createElement('li'), { textContent: text }))
  document.querySelector('button').onclick = () => {
    const news = connect('/').channel('news/{topic}', { topic: 'a b' }, { since: position, onGap: () => add('gap') })
    news.on('item', (item) => add(item))
  }
  document.title = 'ready'`

const items: string[] = ['<b>in the page</b>', '"quoted" & \'so\'']
const app = new GoWeb()
  .channel('news/{topic}', { delivery: 'replay', public: true, events: { item: z.string() } })
  .get('/scripts/{path...}', (c) => {
    const code = scripts.get(`/scripts/${c.params.path}`)
    return code === undefined
      ? c.text('no such script', 404)
      : new Response(code, { headers: { 'content-type': 'text/javascript; charset=utf-8' } })
  })
  .get(
    '/page.js',
    () => new Response(PAGE, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }),
  )
  .get('/{topic}', async (c) => {
    const state = await c.withPosition('news/{topic}', c.params, () => [...items])
    return c.html(
      html`<!doctype html>
        <title>news</title>
        <button>Follow</button>
        <ul data-state="${JSON.stringify(state)}">
          ${state.data.map((item) => html`<li>${item}</li>`)}
        </ul>
        <script type="module" src="/page.js"></script>`,
    )
  })

const server = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await server.close()
})

async function publish(item: string): Promise<void> {
  items.push(item)
  await app.channels.publish('news/a%20b', 'item', item)
}

describe('a page that was rendered by the server', () => {
  test('gets what is published between its rendering and its subscription, once', async () => {
    await publish('before')
    const page = await browser.newPage()
    await page.goto(`${server.url}/a%20b`)
    await page.waitForFunction(`document.title === 'ready'`)
    await publish('between')
    await page.getByRole('button', { name: 'Follow' }).click()
    await page.getByText('between', { exact: true }).waitFor()
    await publish('after')
    await page.getByText('after', { exact: true }).waitFor()
    assert.deepEqual(await page.locator('li').allTextContents(), [...items])
    await page.close()
  })
})
