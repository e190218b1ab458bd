import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ClientError } from 'goweb/client'
import { ChannelClient } from '../channels/channel-client.ts'
import { ChatClient, type ChatVisit } from './chat-client.ts'
import { ExampleProcess } from './example-process.ts'

const server = ExampleProcess.start('chat')
const port = await server.ready()
after(() => server.kill())

const enter = (visit?: ChatVisit): Promise<ChatClient> => ChatClient.enter(port, visit)

/** What the server says of a command that it refuses. */
async function refusal(command: Promise<unknown>): Promise<ClientError> {
  const error: unknown = await command.then(
    () => new Error('It was not refused'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ClientError, String(error))
  return error
}

describe('a room', () => {
  test('tells who is there, who joins and who leaves', async () => {
    const ada = await enter({ room: 'moves' })
    assert.deepEqual(await ada.members(), ['Ada'])
    const lin = await enter({ room: 'moves', name: 'Lin' })
    assert.deepEqual(await lin.members(), ['Ada', 'Lin'])
    assert.equal((await ada.next('join')).from, 'Lin')
    lin.leave()
    assert.equal((await ada.next('leave')).from, 'Lin')
    assert.deepEqual(await ada.members(), ['Ada'])
    ada.leave()
  })

  test('knows each device of a person', async () => {
    const lin = await enter({ room: 'devices', name: 'Lin' })
    const phone = await enter({ room: 'devices' })
    const laptop = await enter({ room: 'devices' })
    assert.deepEqual(await lin.members(), ['Ada', 'Ada', 'Lin'])
    await phone.say('from the phone')
    const heard = await laptop.next('message')
    assert.deepEqual([heard.from, heard.text], ['Ada', 'from the phone'])
    phone.leave()
    assert.equal((await lin.next('leave')).from, 'Ada')
    assert.deepEqual(await lin.members(), ['Ada', 'Lin'])
    lin.leave()
    laptop.leave()
  })

  test('gives a message to everybody, its writer included, with writer and time as the server knows them', async () => {
    const ada = await enter({ room: 'words' })
    const lin = await enter({ room: 'words', name: 'Lin' })
    const elsewhere = await enter({ room: 'other-words', name: 'Sam' })
    const forged = { id: 'id-1', text: '  Hello\nyou 👋  ', from: 'Lin', at: 1 }
    await ada.room.publish('message', forged)
    const own = await ada.next('message')
    assert.deepEqual(own, await lin.next('message'))
    assert.deepEqual([own.id, own.text, own.from], ['id-1', 'Hello\nyou 👋', 'Ada'])
    assert.ok(Math.abs((own.at ?? 0) - Date.now()) < 3_600_000)
    // The other room gets its own message next, so it did not get that one.
    await elsewhere.say('here')
    assert.equal((await elsewhere.next('message')).text, 'here')
    for (const client of [ada, lin, elsewhere]) client.leave()
  })

  test('tells who is typing', async () => {
    const ada = await enter({ room: 'typing' })
    const lin = await enter({ room: 'typing', name: 'Lin' })
    await lin.typing.publish('typing', { isTyping: true })
    await lin.typing.publish('typing', { isTyping: false })
    for (const isTyping of [true, false]) {
      assert.deepEqual(await ada.next('typing'), { kind: 'typing', from: 'Lin', isTyping })
    }
    const { code } = await refusal(lin.typing.history())
    assert.equal(code, 'REFUSED', 'typing is kept')
    ada.leave()
    lin.leave()
  })

  test('keeps its last 1,000 messages, also when it was empty in between', async () => {
    const writers = await Promise.all(
      Array.from({ length: 11 }, (_, index) => enter({ room: 'history', name: `Writer ${index}` })),
    )
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let n = 0; n < 95; n++) await writer.say(`${index} ${n}`)
      }),
    )
    for (const writer of writers) writer.leave()

    const ada = await enter({ room: 'history' })
    const newest = await ada.history({ limit: 50, reverse: true })
    assert.equal(newest.position.offset, 1_045)
    const offsets = newest.publications.map(({ offset }) => offset ?? 0)
    assert.deepEqual(
      offsets,
      Array.from({ length: 50 }, (_, n) => 1_045 - n),
    )
    const since = { ...newest.position, offset: offsets.at(-1) ?? 0 }
    const older = await ada.history({ limit: 1_000, reverse: true, since })
    assert.equal(older.publications.length, 950)
    assert.equal(older.publications.at(-1)?.offset, 46)
    const all = new Set([...newest.texts, ...older.texts])
    assert.equal(all.size, 1_000)
    ada.leave()
  })
})

describe('names', () => {
  test('are one line of at most 24 visible characters, and otherwise as they are', async () => {
    const cases = [
      ['  Ada \n\t Lovelace ', 'Ada Lovelace'],
      ['__proto__', '__proto__'],
      ['constructor', 'constructor'],
      ['toString', 'toString'],
      ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert'],
      ['e\u0301te\u0301', '\u00e9t\u00e9'],
      ['a\u202eb\u200bc', 'a b c'],
      ['😀'.repeat(30), '😀'.repeat(24)],
      ['王小明', '王小明'],
    ] as const
    const host = await enter({ room: 'strange-names', name: 'Host' })
    for (const [name, shown] of cases) {
      const client = await enter({ room: 'strange-names', name })
      assert.equal((await host.next('join')).from, shown)
      await client.say(`I am ${name}`)
      assert.equal((await host.next('message')).from, shown)
      assert.deepEqual(await client.members(), ['Host', shown].toSorted())
      client.leave()
      assert.equal((await host.next('leave')).from, shown)
    }
    host.leave()
  })

  test('without a visible character are refused', async () => {
    for (const name of ['', ' \n ', '\u200b']) {
      const client = new ChatClient(port, { name })
      const { reason } = await client.states.next(({ state }) => state === 'disconnected')
      assert.match(reason, /visible character/)
      client.leave()
    }
  })
})

describe('rooms', () => {
  test('of other than letters in lower case, digits, - and _ are refused', async () => {
    for (const room of ['Lobby', 'a b', 'a.b', '<b>', 'a/b', 'a'.repeat(41), '\0', '😀']) {
      const client = new ChatClient(port, { room })
      for (let n = 0; n < 2; n++) {
        await client.states.next(
          ({ state, code }) => state === 'unsubscribed' && (code === 102 || code === 103),
        )
      }
      assert.equal((await refusal(client.say('x'))).code, 'UNSUBSCRIBED')
      client.leave()
    }
  })

  test('of odd but allowed names are rooms like any other', async () => {
    for (const room of ['__proto__', 'constructor', 'a'.repeat(40), '客厅', 'größe', '1', '-']) {
      const ada = await enter({ room })
      assert.deepEqual(await ada.members(), ['Ada'])
      const lin = await enter({ room, name: 'Lin' })
      await lin.say(room)
      assert.equal((await ada.next('message')).text, room)
      ada.leave()
      lin.leave()
    }
  })

  test('with people in them are listed, each person once', async () => {
    const visitors = [
      await enter({ room: 'größe' }),
      await enter({ room: 'größe' }),
      await enter({ room: 'größe', name: 'Lin' }),
    ]
    const list = async (): Promise<{ name: string; size: number }[]> => {
      const response = await fetch(`http://localhost:${port}/rooms`)
      const rooms = (await response.json()) as { name: string; size: number }[]
      return rooms.filter(({ name }) => name === 'größe')
    }
    assert.deepEqual(await list(), [{ name: 'größe', size: 2 }])
    const host = await enter({ room: 'größe', name: 'Host' })
    for (const visitor of visitors) {
      visitor.leave()
      await host.next('leave')
    }
    assert.deepEqual(await list(), [{ name: 'größe', size: 1 }])
    host.leave()
  })

  test('that were entered are remembered, a hundred at most', async () => {
    const first = await enter({ room: 'first' })
    const others: ChatClient[] = []
    for (let n = 0; n < 105; n++) others.push(await enter({ room: `other-${n}` }))
    const response = await fetch(`http://localhost:${port}/rooms`)
    const rooms = ((await response.json()) as { name: string }[]).map(({ name }) => name)
    assert.equal(rooms.length, 100)
    assert.ok(!rooms.includes('first'))
    assert.ok(rooms.includes('other-104'))
    for (const client of [first, ...others]) client.leave()
  })
})

describe('bad messages', () => {
  test('that are no message are refused, and the visit goes on', async () => {
    const client = await ChannelClient.connect(port, { token: 'Ada' })
    await client.result('subscribe', { channel: 'rooms/bad' })
    const publish = async (request: Record<string, unknown>): Promise<number> => {
      const { error } = await client.ask({ publish: { channel: 'rooms/bad', ...request } })
      return (error as { code: number } | undefined)?.code ?? 0
    }
    const text = 'x'
    for (const data of [
      null,
      1,
      [],
      'message',
      {},
      { id: 'a' },
      { text },
      { id: 1, text },
      { id: 'a', text: 1 },
    ]) {
      assert.notEqual(await publish({ event: 'message', data }), 0, JSON.stringify(data))
    }
    for (const long of ['', '  \n ', 'x'.repeat(2_001)]) {
      assert.notEqual(await publish({ event: 'message', data: { id: 'a', text: long } }), 0, long)
    }
    assert.notEqual(await publish({ event: 'message', data: { id: 'x'.repeat(65), text } }), 0)
    for (const event of ['say', '__proto__', undefined]) {
      assert.notEqual(await publish({ event, data: { id: 'a', text } }), 0, String(event))
    }
    assert.equal(await publish({ event: 'message', data: { id: 'a', text: 'x'.repeat(2_000) } }), 0)
    const { data } = (await client.push('pub')) as { data: { text: string } }
    assert.equal(data.text.length, 2_000)
    await client.close()
  })

  test('cannot be sent to a room that one is not in', async () => {
    const client = await ChannelClient.connect(port, { token: 'Ada' })
    const data = { id: 'a', text: 'x' }
    const { error } = await client.ask({ publish: { channel: 'rooms/elsewhere', event: 'message', data } })
    assert.equal((error as { code: number }).code, 103)
    await client.close()
  })

  test('too many at once all arrive, once and in order, a little later', async () => {
    const client = await enter({ room: 'floods' })
    const texts = Array.from({ length: 150 }, (_, n) => `message ${n}`)
    await Promise.all(texts.map((text) => client.say(text)))
    const { texts: kept } = await client.history({ limit: 1_000 })
    assert.deepEqual(kept, texts)
    client.leave()
  })
})

describe('the page', () => {
  const get = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`http://localhost:${port}${path}`, init)

  test('is at / and at each room, and allows no inline code', async () => {
    for (const path of ['/', '/rooms/lobby', '/rooms/%E5%AE%A2%E5%8E%85']) {
      const response = await get(path)
      assert.equal(response.status, 200)
      assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
      assert.match(response.headers.get('content-security-policy') ?? '', /script-src 'self'/)
      const text = await response.text()
      assert.match(text, /<title>GoWeb Chat<\/title>/)
      assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/i)
      assert.doesNotMatch(text, /(?:src|href)="(?!\/|#)/, 'something from elsewhere')
    }
  })

  test('has all its files, with their types', async () => {
    const types = {
      'scripts/browser/main.ts': 'text/javascript',
      'scripts/goweb/client/connection.ts': 'text/javascript',
      'style.css': 'text/css',
      'icon.svg': 'image/svg+xml',
    }
    for (const [file, type] of Object.entries(types)) {
      const response = await get(`/${file}`)
      assert.equal(response.status, 200, file)
      assert.ok(response.headers.get('content-type')?.startsWith(type), file)
      await response.arrayBuffer()
    }
  })

  test('is all that is served', async () => {
    const files = ['/app.ts', '/server.ts', '/..%2fapp.ts', '/%2e%2e/app.ts', '/nothing']
    const scripts = [
      'app.ts',
      'server.ts',
      '../app.ts',
      '..%2fapp.ts',
      'goweb/index.ts',
      'browser/tsconfig.json',
    ]
    for (const path of [...files, ...scripts.map((script) => `/scripts/${script}`)]) {
      const response = await get(path)
      assert.ok(response.status === 404 || response.status === 400, `${path}: ${response.status}`)
      await response.arrayBuffer()
    }
    assert.equal((await get('/rooms', { method: 'POST' })).status, 405)
  })

  test('has scripts without types, which import nothing that is not there', async () => {
    const paths = ['/scripts/browser/main.ts']
    for (const path of paths) {
      const response = await get(path)
      assert.equal(response.status, 200, path)
      const code = await response.text()
      assert.doesNotMatch(code, /^(?:interface|type|import type) /m, path)
      for (const [, specifier = ''] of code.matchAll(/^(?:import|export|\}) .*from ['"]([^'"]+)['"]/gm)) {
        assert.match(specifier, /^[./]/, path)
        const { pathname } = new URL(specifier, `http://localhost${path}`)
        if (!paths.includes(pathname)) paths.push(pathname)
      }
    }
    assert.ok(paths.includes('/scripts/goweb/client/connection.ts'), paths.join('\n'))
  })

  test('of another site cannot use the channels', async () => {
    await assert.rejects(ChannelClient.open(port, { origin: 'https://example.com' }), /403/)
    const client = await ChannelClient.connect(port, { token: 'Ada' }, { origin: `http://127.0.0.1:${port}` })
    await client.close()
  })
})
