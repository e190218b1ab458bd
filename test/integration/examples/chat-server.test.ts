import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { ChatClient, refusal, type ChatVisit } from './chat-client.ts'
import { ExampleProcess } from './example-process.ts'

const server = ExampleProcess.start('chat')
const port = await server.ready()
after(() => server.kill())

const enter = (visit?: ChatVisit): ReturnType<typeof ChatClient.enter> => ChatClient.enter(port, visit)

describe('a room', () => {
  test('tells who is there, who joins and who leaves', async () => {
    const { client: ada, welcome } = await enter({ room: 'moves' })
    assert.deepEqual(welcome, { kind: 'welcome', you: 'Ada', members: ['Ada'], history: [] })

    const { client: lin, welcome: second } = await enter({ room: 'moves', name: 'Lin' })
    assert.deepEqual(second.members, ['Ada', 'Lin'])
    const joined = await ada.next('joined')
    assert.equal(joined.name, 'Lin')
    assert.ok(Math.abs((joined.at ?? 0) - Date.now()) < 3_600_000)

    await lin.leave()
    assert.equal((await ada.next('left')).name, 'Lin')

    const { client: sam } = await enter({ room: 'moves', name: 'Sam' })
    assert.equal((await ada.next('joined')).name, 'Sam')
    sam.socket.terminate() // Gone without a goodbye.
    assert.equal((await ada.next('left')).name, 'Sam')
    await ada.leave()
  })

  test('gives a message to everybody, its writer included, with the time of the server', async () => {
    const { client: ada } = await enter({ room: 'words' })
    const { client: lin } = await enter({ room: 'words', name: 'Lin' })
    const { client: elsewhere } = await enter({ room: 'other-words', name: 'Sam' })
    ada.say('  Hello\nyou 👋  ', 'ref-1')
    const own = await ada.next('message')
    assert.deepEqual(own, await lin.next('message'))
    assert.equal(own.text, 'Hello\nyou 👋')
    assert.equal(own.name, 'Ada')
    assert.equal(own.ref, 'ref-1')
    assert.match(own.id ?? '', /./)
    assert.equal(typeof own.at, 'number')

    // The other room gets its own message next, so it did not get that one.
    elsewhere.say('here')
    assert.equal((await elsewhere.next('message')).text, 'here')
    await Promise.all([ada.leave(), lin.leave(), elsewhere.leave()])
  })

  test('tells the others who is typing, and not the one who types', async () => {
    const { client: ada } = await enter({ room: 'typing' })
    const { client: lin } = await enter({ room: 'typing', name: 'Lin' })
    await ada.next('joined')
    lin.send({ kind: 'typing', on: true })
    lin.send({ kind: 'typing', on: false })
    lin.say('done')
    assert.deepEqual(await ada.news.take(2), [
      { kind: 'typing', name: 'Lin', on: true },
      { kind: 'typing', name: 'Lin', on: false },
    ])
    assert.equal((await lin.news.next()).kind, 'message', 'one’s own typing comes back')
    await Promise.all([ada.leave(), lin.leave()])
  })

  test('shows a newcomer its last messages, also when it was empty in between', async () => {
    const writers = await Promise.all(
      ['Ada', 'Lin', 'Sam'].map(async (name) => (await enter({ room: 'history', name })).client),
    )
    for (const writer of writers) {
      for (let n = 0; n < 20; n++) {
        writer.say(`${n}`)
        await writer.news.next(({ kind, text }) => kind === 'message' && text === `${n}`)
      }
    }
    await Promise.all(writers.map((writer) => writer.leave()))

    const { client, welcome } = await enter({ room: 'history' })
    assert.equal(welcome.history?.length, 50)
    assert.equal(welcome.history.at(-1)?.text, '19')
    assert.equal(new Set(welcome.history.map(({ id }) => id)).size, 50)
    await client.leave()
  })

  test('gives a page that comes back its old place, before the old connection is known to be dead', async () => {
    const { client: lin } = await enter({ room: 'return', name: 'Lin' })
    const { client: first } = await enter({ room: 'return', tab: 'tab-1' })
    assert.equal((await lin.next('joined')).name, 'Ada')
    const { client: second, welcome } = await enter({ room: 'return', tab: 'tab-1' })
    assert.equal(welcome.you, 'Ada')
    assert.deepEqual(welcome.members?.toSorted(), ['Ada', 'Lin'])
    assert.deepEqual(await first.closed, { code: 4001, reason: 'replaced' })

    second.say('back')
    assert.equal((await lin.news.next()).text, 'back', 'coming back looked like leaving and joining')
    await Promise.all([lin.leave(), second.leave()])
  })
})

describe('names', () => {
  test('are unique in a room, whatever their case', async () => {
    const first = await enter({ room: 'names' })
    const second = await enter({ room: 'names', name: 'ADA' })
    const third = await enter({ room: 'names', name: 'Ada' })
    assert.equal(second.welcome.you, 'ADA 2')
    assert.equal(third.welcome.you, 'Ada 3')
    await second.client.leave()
    assert.equal((await first.client.next('left')).name, 'ADA 2')
    const fourth = await enter({ room: 'names', name: 'ada' })
    assert.equal(fourth.welcome.you, 'ada 2')
    await Promise.all([first, third, fourth].map(({ client }) => client.leave()))
  })

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
    const { client: host } = await enter({ room: 'strange-names', name: 'Host' })
    for (const [name, shown] of cases) {
      const { client, welcome } = await enter({ room: 'strange-names', name })
      assert.equal(welcome.you, shown)
      assert.equal((await host.next('joined')).name, shown)
      client.say(`I am ${name}`)
      assert.equal((await host.next('message')).name, shown)
      await client.leave()
      assert.equal((await host.next('left')).name, shown)
    }
    await host.leave()
  })

  test('without a visible character are refused', async () => {
    for (const query of ['', '?name=', '?name=%20%0A%20', '?name=%E2%80%8B']) {
      assert.equal(await refusal(port, `/rooms/lobby/socket${query}`), 422)
    }
  })
})

describe('rooms', () => {
  test('of other than letters in lower case, digits, - and _ are refused', async () => {
    for (const room of ['Lobby', 'a%20b', 'a.b', '%3Cb%3E', 'a%2Fb', 'a'.repeat(41), '%00', '%F0%9F%98%80']) {
      const status = await refusal(port, `/rooms/${room}/socket?name=Ada`)
      assert.ok(status === 404 || status === 400, `${room}: ${status}`)
    }
  })

  test('of odd but allowed names are rooms like any other', async () => {
    for (const room of ['__proto__', 'constructor', 'a'.repeat(40), '客厅', '1', '-']) {
      const { client: ada, welcome } = await enter({ room })
      assert.deepEqual(welcome.members, ['Ada'])
      const { client: lin } = await enter({ room, name: 'Lin' })
      lin.say(room)
      assert.equal((await ada.next('message')).text, room)
      await Promise.all([ada.leave(), lin.leave()])
    }
  })

  test('with people in them are listed', async () => {
    const { client: ada } = await enter({ room: 'listed' })
    const { client: lin } = await enter({ room: 'listed', name: 'Lin' })
    const response = await fetch(`http://localhost:${port}/rooms`)
    const rooms = (await response.json()) as { name: string; size: number }[]
    assert.deepEqual(
      rooms.filter(({ name }) => name === 'listed'),
      [{ name: 'listed', size: 2 }],
    )
    await Promise.all([ada.leave(), lin.leave()])
  })
})

describe('empty rooms', () => {
  test('are forgotten, the oldest first, when there are more than a hundred', async () => {
    for (let n = 0; n < 110; n++) await (await enter({ room: `empty-${n}` })).client.leave()
    const { client } = await enter({ room: 'last' })
    const response = await fetch(`http://localhost:${port}/rooms`)
    const rooms = ((await response.json()) as { name: string }[]).map(({ name }) => name)
    // The last ones may not be known to be empty yet.
    assert.ok(rooms.length < 108, `${rooms.length} rooms`)
    assert.ok(rooms.includes('empty-108'))
    assert.ok(!rooms.includes('empty-0'))
    await client.leave()
  })
})

describe('bad messages', () => {
  test('that are no message are answered with an error, and the visit goes on', async () => {
    const { client } = await enter({ room: 'bad' })
    const bad = [
      '',
      '{',
      'null',
      '1',
      '[]',
      '"message"',
      '[["message"]]',
      '{"kind":"say"}',
      '{"kind":["message"]}',
    ]
    const odd = [
      '{"kind":"message"}',
      '{"kind":"message","text":1}',
      '{"kind":"__proto__"}',
      '['.repeat(8_000),
    ]
    for (const text of [...bad, ...odd]) {
      client.socket.send(text)
      assert.deepEqual(await client.news.next(), { kind: 'error', code: 'not-understood' }, text.slice(0, 40))
    }
    client.socket.send(new Uint8Array([0, 159, 146, 150]))
    assert.equal((await client.news.next()).code, 'not-understood')
    client.send({ kind: 'ping' })
    assert.deepEqual(await client.news.next(), { kind: 'pong' })
    await client.leave()
  })

  test('without text or with too much are refused, by the name that the page gave them', async () => {
    const { client } = await enter({ room: 'lengths' })
    for (const text of ['', ' \n ', 'x'.repeat(2_001)]) {
      client.say(text, 'ref-7')
      assert.deepEqual(await client.news.next(), { kind: 'error', code: 'wrong-length', ref: 'ref-7' })
    }
    client.say('x'.repeat(2_000))
    assert.equal((await client.news.next()).text?.length, 2_000)
    client.send({ kind: 'message', text: 'odd ref', ref: { toString: 'x' } })
    const message = await client.news.next()
    assert.deepEqual([message.text, message.ref], ['odd ref', undefined])
    await client.leave()
  })

  test('over the size limit end the visit of who sent them only', async () => {
    const { client: ada } = await enter({ room: 'sizes' })
    const { client: lin } = await enter({ room: 'sizes', name: 'Lin' })
    lin.socket.on('error', () => {}) // What follows may find the connection closed.
    lin.socket.send('x'.repeat(20_000))
    assert.equal((await lin.closed).code, 1009)
    assert.equal((await ada.next('left')).name, 'Lin')
    ada.say('still here')
    assert.equal((await ada.next('message')).text, 'still here')
    await ada.leave()
  })

  test('too many at once are refused, each by its name', async () => {
    const { client } = await enter({ room: 'floods' })
    for (let n = 0; n < 200; n++) client.say('again', `ref-${n}`)
    const answers = await client.news.take(200)
    assert.deepEqual(
      answers.map(({ ref }) => ref),
      answers.map((_, n) => `ref-${n}`),
    )
    const kinds = answers.map(({ kind, code }) => code ?? kind)
    assert.ok(kinds.slice(0, 30).every((kind) => kind === 'message'))
    assert.ok(kinds.includes('too-fast'))
    assert.ok(kinds.every((kind) => kind === 'message' || kind === 'too-fast'))
    await client.leave()
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
    const types = { 'app.js': 'text/javascript', 'style.css': 'text/css', 'icon.svg': 'image/svg+xml' }
    for (const [file, type] of Object.entries(types)) {
      const response = await get(`/${file}`)
      assert.equal(response.status, 200, file)
      assert.ok(response.headers.get('content-type')?.startsWith(type), file)
      await response.arrayBuffer()
    }
  })

  test('is all that is served', async () => {
    for (const path of ['/app.ts', '/room.ts', '/server.ts', '/..%2fapp.ts', '/%2e%2e/app.ts', '/nothing']) {
      const response = await get(path)
      assert.ok(response.status === 404 || response.status === 400, `${path}: ${response.status}`)
      await response.arrayBuffer()
    }
    assert.equal((await get('/rooms', { method: 'POST' })).status, 405)
  })

  test('of another site cannot use the socket', async () => {
    const origin = { origin: 'https://example.com' }
    assert.equal(await refusal(port, '/rooms/lobby/socket?name=Ada', origin), 403)
    const headers = { origin: `http://localhost:${port}` }
    const socket = new WebSocket(`ws://localhost:${port}/rooms/origin/socket?name=Ada`, { headers })
    await once(socket, 'open')
    socket.close()
    await once(socket, 'close')
  })
})
