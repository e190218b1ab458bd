import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { channelName } from '../../../src/client/channel-name.ts'
import { connectionUrl } from '../../../src/client/connection-url.ts'

describe('the name of a channel', () => {
  const cases: [pattern: string, params: Record<string, string | number | bigint>, name: string][] = [
    ['news', {}, 'news'],
    ['rooms/{room}', { room: 42 }, 'rooms/42'],
    ['rooms/{room}', { room: 'a b/c?d#e%f' }, 'rooms/a%20b%2Fc%3Fd%23e%25f'],
    ['rooms/{room}/typing', { room: 'größe' }, 'rooms/größe/typing'],
    ['räume/{x}', { x: ':@&=+$,;~' }, 'räume/:@&=+$,;~'],
    ['days/{date:[0-9]{4}-[0-9]{2}}/{n:[0-9]+}', { date: '2026-11', n: 7n }, 'days/2026-11/7'],
    ['files/{path...}', { path: 'a b/c' }, 'files/a%20b/c'],
    ['files/{path...}', { path: '' }, 'files/'],
    ['{a}-{b}', { a: 'x', b: 'y' }, 'x-y'],
  ]
  for (const [pattern, params, name] of cases) {
    test(`of ${pattern} is ${name}`, () => assert.equal(channelName(pattern, params), name))
  }

  test('needs a value for each variable', () => {
    for (const params of [{}, { room: '' }, { other: 'a' }]) {
      assert.throws(() => channelName('rooms/{room}', params), { code: 'OPTION_INVALID', message: /room/ })
    }
  })
})

describe('the address of the server', () => {
  const cases: [url: string, page: string | undefined, address: string][] = [
    ['/', 'https://example.com/shop/cart?x=1', 'wss://example.com/connection/websocket'],
    ['/', 'http://localhost:8080/', 'ws://localhost:8080/connection/websocket'],
    ['/api/', 'https://example.com/shop', 'wss://example.com/api/connection/websocket'],
    ['/live', 'https://example.com/shop', 'wss://example.com/live'],
    ['https://example.com', undefined, 'wss://example.com/connection/websocket'],
    ['ws://[::1]:81/?room=1', undefined, 'ws://[::1]:81/connection/websocket?room=1'],
    ['wss://example.com/connection/websocket', undefined, 'wss://example.com/connection/websocket'],
  ]
  const platform = globalThis as { location?: unknown }
  for (const [url, page, address] of cases) {
    test(`${url} is ${address} ${page === undefined ? 'anywhere' : `on ${page}`}`, () => {
      const before = platform.location
      platform.location = page && { href: page }
      try {
        assert.equal(connectionUrl(url), address)
      } finally {
        platform.location = before
      }
    })
  }
})
