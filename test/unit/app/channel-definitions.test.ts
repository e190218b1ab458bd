import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createScope, defineChannel, GoWeb } from 'goweb'
import { z } from 'zod'

/** An app without types, which takes what a typed one refuses to compile. */
function untyped(): { channel(...given: unknown[]): unknown; call(...given: unknown[]): unknown } {
  return new GoWeb()
}

const schema = z.object({ text: z.string() })

describe('a channel', () => {
  type Refused = [what: string, pattern: unknown, definition: unknown, message: RegExp]
  const refused: Refused[] = [
    ['a pattern that is no text', 7, { delivery: 'live' }, /expected a pattern/],
    ['a leading slash', '/rooms/{room}', { delivery: 'live' }, /without a slash/],
    ['an empty pattern', '', { delivery: 'live' }, /without a slash/],
    ['text that is not canonical', 'rooms/a b', { delivery: 'live' }, /as names are written/],
    ['no definition', 'a', undefined, /expected a definition, got undefined/],
    ['no delivery', 'a', {}, /delivery: expected live, latest or replay/],
    [
      'an unknown delivery',
      'a',
      { delivery: 'fast' },
      /delivery: expected live, latest or replay, got "fast"/,
    ],
    ['an unknown option', 'a', { delivery: 'live', subscirbe: () => true }, /there is no option subscirbe/],
    [
      'history on a live channel',
      'a',
      { delivery: 'live', history: { size: 1, ttl: '1h' } },
      /delivery replay/,
    ],
    ['history without a size', 'a', { delivery: 'replay', history: { ttl: '1h' } }, /history\.size/],
    ['a time without a unit', 'a', { delivery: 'replay', history: { size: 1, ttl: 60 } }, /history\.ttl/],
    [
      'an unknown part of history',
      'a',
      { delivery: 'replay', history: { size: 1, ttl: '1h', max: 1 } },
      /history\.max/,
    ],
    [
      'a rule that is no function',
      'a',
      { delivery: 'live', subscribe: true },
      /subscribe: expected a function/,
    ],
    ['presence that is nothing', 'a', { delivery: 'live', presence: 'yes' }, /presence/],
    ['an unknown part of presence', 'a', { delivery: 'live', presence: { join: true } }, /presence\.join/],
    ['a public that is false', 'a', { delivery: 'live', public: false }, /public: expected true/],
    ['an event without a schema', 'a', { delivery: 'live', events: { x: {} } }, /events\.x/],
    ['an event that is no object', 'a', { delivery: 'live', events: { x: 'string' } }, /events\.x/],
    [
      'an event from elsewhere',
      'a',
      { delivery: 'live', events: { x: { schema, from: 'server' } } },
      /events\.x\.from/,
    ],
    [
      'a handler without an event',
      'a',
      { delivery: 'live', events: { x: schema }, on: { y: () => 1 } },
      /on\.y/,
    ],
    ['a handler that is none', 'a', { delivery: 'live', events: { x: schema }, on: { x: 1 } }, /on\.x/],
    ['no key on a latest channel', 'a', { delivery: 'latest' }, /key: delivery latest needs a function/],
    ['a key that is no function', 'a', { delivery: 'latest', key: 'id' }, /key: expected a function/],
    ['a key on another channel', 'a', { delivery: 'replay', key: () => 'x' }, /belong to delivery latest/],
    ['maxKeys on another channel', 'a', { delivery: 'live', maxKeys: 5 }, /belong to delivery latest/],
    ...[0, 1.5, 1_000_001, '5'].map((maxKeys): Refused => {
      return [
        `maxKeys ${JSON.stringify(maxKeys)}`,
        'a',
        { delivery: 'latest', key: () => 'x', maxKeys },
        /maxKeys: expected/,
      ]
    }),
    [
      'history on a latest channel',
      'a',
      { delivery: 'latest', key: () => 'x', history: { size: 1, ttl: '1h' } },
      /delivery replay/,
    ],
    ['a window without a unit', 'a', { delivery: 'live', idempotencyWindow: '2' }, /idempotencyWindow/],
  ]
  for (const [what, pattern, definition, message] of refused) {
    test(`with ${what} is refused`, () => {
      assert.throws(() => untyped().channel(pattern, definition), { code: 'OPTION_INVALID', message })
    })
  }

  test('with a broken pattern is refused as a route would be', () => {
    assert.throws(() => new GoWeb().channel('rooms/{room', { delivery: 'live' }), { code: 'PATTERN_INVALID' })
  })

  test('conflicts with one of the same names, mounted ones too, and leaves the app as it was', () => {
    const app = new GoWeb().channel('admin/{room}', { delivery: 'live' })
    assert.throws(() => app.channel('admin/{other}', { delivery: 'replay' }), {
      code: 'CHANNEL_CONFLICT',
      message: /admin\/\{other\}/,
    })
    const child = new GoWeb().get('/x', () => 'x').channel('{name}', { delivery: 'live' })
    assert.throws(() => app.mount('/admin', child), { code: 'CHANNEL_CONFLICT' })
    assert.deepEqual(app.routes(), [])
    app.mount('/other', child)
    assert.equal(app.routes().length, 1)
  })

  test('may be defined apart', () => {
    const channel = defineChannel('news/{topic}', {
      delivery: 'live',
      public: true,
      events: { headline: schema },
    })
    assert.equal(channel.pattern, 'news/{topic}')
    const app = new GoWeb().channel(channel)
    assert.throws(() => app.channel(channel), { code: 'CHANNEL_CONFLICT' })
  })
})

describe('a call', () => {
  const refused: [what: string, given: unknown[], message: RegExp][] = [
    ['no name', ['', {}, () => 1], /expected a name/],
    ['no options', ['a', () => 1], /expected options before the handler/],
    ['an unknown option', ['a', { inptu: schema }, () => 1], /there is no option inptu/],
    ['a schema that is none', ['a', { output: {} }, () => 1], /output must be a Standard Schema/],
    ['idempotent as text', ['a', { idempotent: 'yes' }, () => 1], /idempotent: expected true or false/],
    ['no handler', ['a', {}], /expected a handler/],
  ]
  for (const [what, given, message] of refused) {
    test(`with ${what} is refused`, () => {
      assert.throws(() => untyped().call(...given), { code: 'OPTION_INVALID', message })
    })
  }

  test('conflicts with one of the same name, mounted ones too', () => {
    const app = new GoWeb().call('admin.stop', {}, () => 1)
    assert.throws(() => app.call('admin.stop', {}, () => 2), { code: 'CALL_CONFLICT' })
    assert.throws(
      () =>
        app.mount(
          '/admin',
          new GoWeb().call('stop', {}, () => 3),
        ),
      { code: 'CALL_CONFLICT' },
    )
  })

  test('cannot be mounted under a prefix with variables', () => {
    assert.throws(
      () =>
        new GoWeb().mount(
          '/{tenant}',
          new GoWeb().call('stop', {}, () => 1),
        ),
      {
        code: 'MOUNT_INVALID',
      },
    )
  })
})

describe('authenticate', () => {
  test('takes a function', () => {
    assert.throws(() => new GoWeb().authenticate('token' as never), { code: 'OPTION_INVALID' })
  })

  test('is refused inside a mounted app, before and after', () => {
    const child = createScope<{}>().authenticate(() => ({ user: 'x' }))
    assert.throws(() => new GoWeb().mount('/a', child), { code: 'MOUNT_INVALID', message: /authenticate/ })
    const later = new GoWeb()
    new GoWeb().mount('/a', later)
    assert.throws(() => later.authenticate(() => ({ user: 'x' })), { code: 'MOUNT_INVALID' })
  })
})

describe('settings of channels', () => {
  const refused: [what: string, options: object][] = [
    ['a broker that is none', { broker: {} }],
    ['an unknown setting', { channels: { limit: {} } }],
    ['a path that is none', { channels: { path: 'connection' } }],
    ['a path with a variable', { channels: { path: '/{x}' } }],
    ['an unknown limit', { channels: { limits: { channelsPerUser: 1 } } }],
  ]
  for (const [what, options] of refused) {
    test(`with ${what} are refused`, () => {
      assert.throws(() => new GoWeb(options), { code: 'OPTION_INVALID' })
    })
  }
})

describe('channels of a mounted app', () => {
  test('are not its own to publish on', async () => {
    const child = new GoWeb().channel('a', { delivery: 'live' })
    const app = new GoWeb().mount('/child', child)
    await assert.rejects(child.channels.publish('a', 1), { code: 'CHANNELS_NOT_SERVED' })
    await app.channels.publish('child/a', 1)
    const name: string = 'a'
    await assert.rejects(app.channels.publish(name, 1), { code: 'CHANNEL_UNKNOWN' })
    await app.stop()
  })
})
