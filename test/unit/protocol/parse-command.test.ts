import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_COMMAND_DEPTH, parseCommand } from '../../../src/protocol/parse-command.ts'

describe('parseCommand', () => {
  const sound: string[] = [
    '{"id":1,"connect":{}}',
    '{"id":1,"connect":{"token":"t","data":{"a":[1]},"name":"js","version":"1","subs":{"a":{"recover":true,"epoch":"x","offset":3},"":{}}}}',
    '{"id":2,"subscribe":{"channel":"a","recover":true,"epoch":"e","offset":9007199254740991,"join_leave":true,"positioned":true,"recoverable":false,"token":"t","data":null}}',
    '{"id":3,"unsubscribe":{"channel":"a"}}',
    '{"id":4,"publish":{"channel":"a","data":null}}',
    '{"id":4,"publish":{"channel":"a","data":{"x":1},"event":"message","id":"k"}}',
    '{"id":5,"presence":{"channel":"a"}}',
    '{"id":6,"presence_stats":{"channel":"a"}}',
    '{"id":7,"history":{"channel":"a","limit":-1,"reverse":true,"since":{"offset":1,"epoch":"e"}}}',
    '{"id":8,"ping":{}}',
    '{"send":{"data":1}}',
    '{"id":0,"send":{}}',
    '{"id":4294967295,"rpc":{"method":"m","data":[]}}',
    '{"id":9,"refresh":{"token":"t"}}',
    '{"id":10,"sub_refresh":{"channel":"a","token":"t"}}',
    // Other versions of the protocol may say more.
    '{"id":11,"subscribe":{"channel":"a","delta":"fossil"},"trace":"x"}',
  ]
  for (const line of sound) {
    test(`takes ${line}`, () => {
      assert.deepEqual(parseCommand(line), { kind: 'command', command: JSON.parse(line) as unknown })
    })
  }

  test('takes the pong in any spelling', () => {
    for (const line of ['{}', ' { } ', '{\t}']) assert.equal(parseCommand(line).kind, 'pong')
  })

  test('fills in what encoders of the official schema leave out of a position', () => {
    const parsed = parseCommand('{"id":1,"history":{"channel":"a","since":{}}}')
    assert.ok(parsed.kind === 'command')
    assert.deepEqual(parsed.command.history?.since, { offset: 0, epoch: '' })
  })

  const refused: [line: string, code: number, message: RegExp][] = [
    ['{"id":1}', 104, /method not found/],
    ['{"id":1,"fly":{}}', 104, /method not found/],
    ['{"id":1,"toString":{}}', 104, /method not found/],
    ['{"id":1,"connect":{},"ping":{}}', 107, /more than one method/],
    ['{"id":1,"connect":null}', 107, /connect is no object/],
    ['{"id":1,"connect":[]}', 107, /connect is no object/],
    ['{"id":1,"connect":{"token":1}}', 107, /connect\.token is no string/],
    ['{"id":1,"connect":{"subs":[]}}', 107, /connect\.subs is no object/],
    ['{"id":1,"connect":{"subs":{"a":1}}}', 107, /subs\[…\] is no object/],
    ['{"id":1,"connect":{"subs":{"a":{"offset":-1}}}}', 107, /offset is no offset/],
    ['{"id":1,"subscribe":{}}', 107, /subscribe\.channel is missing/],
    ['{"id":1,"subscribe":{"channel":7}}', 107, /subscribe\.channel is no string/],
    ['{"id":1,"subscribe":{"channel":"a","offset":1.5}}', 107, /offset/],
    ['{"id":1,"subscribe":{"channel":"a","offset":9007199254740993}}', 107, /offset/],
    ['{"id":1,"subscribe":{"channel":"a","offset":"1"}}', 107, /offset/],
    ['{"id":1,"subscribe":{"channel":"a","recover":1}}', 107, /recover is no boolean/],
    ['{"id":1,"publish":{"channel":"a"}}', 107, /publish\.data is missing/],
    ['{"id":1,"publish":{"channel":"a","data":1,"id":{}}}', 107, /publish\.id is no string/],
    ['{"id":1,"history":{"channel":"a","limit":-2}}', 107, /limit/],
    ['{"id":1,"history":{"channel":"a","limit":1e10}}', 107, /limit/],
    ['{"id":1,"history":{"channel":"a","since":7}}', 107, /since is no object/],
    ['{"id":1,"history":{"channel":"a","since":{"epoch":1}}}', 107, /epoch is no string/],
    ['{"id":1,"rpc":"x"}', 107, /rpc is no object/],
    ['{"id":1,"sub_refresh":{"token":"t"}}', 107, /channel is missing/],
  ]
  for (const [line, code, message] of refused) {
    test(`refuses ${line} with ${code}`, () => {
      const parsed = parseCommand(line)
      assert.ok(parsed.kind === 'refused', parsed.kind)
      assert.deepEqual([parsed.id, parsed.error.code], [1, code])
      assert.match(parsed.error.message, message)
    })
  }

  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  const broken: [what: string, line: string][] = [
    ['nothing', ''],
    ['text', 'hello'],
    ['half an object', '{"id":1,'],
    ['two commands in a line', '{"id":1,"ping":{}}{"id":2,"ping":{}}'],
    ['a list', '[{"id":1,"ping":{}}]'],
    ['null', 'null'],
    ['a number', '7'],
    ['an id that is text', '{"id":"1","ping":{}}'],
    ['an id below zero', '{"id":-1,"ping":{}}'],
    ['an id with a fraction', '{"id":1.5,"ping":{}}'],
    ['an id beyond 32 bits', '{"id":4294967296,"ping":{}}'],
    ['an id that is null', '{"id":null,"ping":{}}'],
    ['a command without id', '{"connect":{}}'],
    ['a wrong command without id', '{"publish":{}}'],
    ['an unknown command without id', '{"fly":{}}'],
    ['only an id of zero', '{"id":0}'],
    ['a key that changes prototypes', '{"id":1,"rpc":{"data":{"__proto__":{"x":1}}}}'],
    ['the same, escaped', '{"id":1,"rpc":{"data":{"\\u005f_proto__":{"x":1}}}}'],
    ['a constructor with a prototype', '{"id":1,"rpc":{"data":{"constructor":{"prototype":{}}}}}'],
    ['deep nesting', `{"id":1,"rpc":{"data":${deep(MAX_COMMAND_DEPTH)}}}`],
    ['nesting that would overflow a stack', deep(100_000)],
  ]
  for (const [what, line] of broken) {
    test(`cannot answer ${what}`, () => assert.equal(parseCommand(line).kind, 'broken'))
  }

  test('allows data as deep as it says', () => {
    assert.equal(parseCommand(`{"id":1,"rpc":{"data":${deep(MAX_COMMAND_DEPTH - 2)}}}`).kind, 'command')
  })
})
