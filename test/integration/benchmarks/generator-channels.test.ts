import assert from 'node:assert/strict'
import { once } from 'node:events'
import { before, describe, test } from 'node:test'
import { buildGenerator, findCompiler } from '../../../benchmarks/generator/build-generator.ts'
import {
  GeneratorError,
  holdConnections,
  runGenerator,
  type GeneratorOptions,
  type Measurement,
} from '../../../benchmarks/generator/run-generator.ts'
import { CACHE } from '../../../benchmarks/peers/folders.ts'
import { startChannelServer, type ChannelPublish } from './servers.ts'

const skip = findCompiler() === undefined ? 'no C compiler: the generator cannot be built' : false
const ROOM: GeneratorOptions = { channel: 'bench', path: '/connection/websocket', connections: 5, size: 40 }
const FAN_OUT: GeneratorOptions = { ...ROOM, 'publisher-path': ROOM['path'], 'in-flight': 4 }
const BRIEF: GeneratorOptions = { 'warm-up': 0.02, seconds: 0.05, verified: 16, stall: 60 }
/** Until the fault comes. */
const ENDLESS: GeneratorOptions = { seconds: 60 }

let generator: string[]
before(() => {
  if (skip === false) generator = [buildGenerator(CACHE)]
})

/** Runs the generator against a server that does as `publish` says with each publish, told which one it is. */
async function run(
  options: GeneratorOptions,
  publish: (publish: ChannelPublish, index: number) => void,
  mode: 'echo' | 'topic' = 'topic',
): Promise<Measurement> {
  let count = 0
  const server = await startChannelServer((command) => publish(command, count++))
  try {
    return await runGenerator(generator, mode, { port: server.port, ...BRIEF, ...options })
  } finally {
    await server.close()
  }
}

async function refusal(...args: Parameters<typeof run>): Promise<string> {
  try {
    const { messages } = await run(...args)
    return `noticed nothing in ${messages} messages`
  } catch (error) {
    if (error instanceof GeneratorError) return error.message
    throw error
  }
}

/** As it should be. */
function deliver({ subscribers, sender, push, answer }: ChannelPublish, index: number): void {
  for (const subscriber of subscribers) subscriber.send(push(index + 1))
  sender.send(answer)
}

/** As it should be, but for one delivery to the second subscriber. */
function deliverBut(at: number, fault: (publish: ChannelPublish, index: number) => void) {
  return (publish: ChannelPublish, index: number): void => {
    if (index !== at) {
      deliver(publish, index)
      return
    }
    for (const [i, subscriber] of publish.subscribers.entries()) {
      if (i === 1) fault(publish, index)
      else subscriber.send(publish.push(index + 1))
    }
    publish.sender.send(publish.answer)
  }
}

describe('the generator, channels', { skip }, () => {
  test('counts every delivery of a room', async () => {
    const { messages, verified } = await run(ROOM, deliver)
    assert.ok(messages > 0)
    assert.equal(verified, 16 * 5 * 5)
  })

  test('counts the deliveries of a fan-out, but not those to who publishes', async () => {
    const { messages, verified } = await run(FAN_OUT, deliver)
    assert.ok(messages > 0)
    assert.equal(verified, 16 * 5)
  })

  test('reads several lines of one frame, and answers first', async () => {
    const { messages } = await run(ROOM, ({ subscribers, sender, push, answer }, index) => {
      for (const subscriber of subscribers) {
        const line = push(index + 1)
        subscriber.send(subscriber === sender ? `${answer}\n${line}` : line)
      }
    })
    assert.ok(messages > 0)
  })

  test('answers pings', async () => {
    let pongs = 0
    const { messages } = await run(ROOM, (publish, index) => {
      if (index === 3) {
        publish.sender.once('message', (data: Buffer) => {
          if (data.toString() === '{}') pongs++
        })
        publish.sender.send('{}')
      }
      deliver(publish, index)
    })
    assert.ok(messages > 0)
    assert.equal(pongs, 1)
  })

  const faults: [name: string, fault: Parameters<typeof deliverBut>[1], expected: RegExp][] = [
    ['is lost', () => {}, /connection 1 got offset \d+ after \d+/],
    [
      'comes twice',
      ({ subscribers, push }, index) => {
        subscribers[1]!.send(push(index + 1))
        subscribers[1]!.send(push(index + 1))
      },
      /connection 1 got offset (\d+) after \1/,
    ],
    [
      'comes twice under a new offset',
      ({ subscribers, push }, index) => {
        subscribers[1]!.send(push(index + 1))
        subscribers[1]!.send(push(index + 2))
      },
      /connection 1 got message .* lost, doubled or out of order/,
    ],
    [
      'is altered',
      ({ subscribers, push, data }, index) => {
        subscribers[1]!.send(push(index + 1, `${data.slice(0, -1)}#`))
      },
      /connection 1 got message \d+ of sender \d+ altered/,
    ],
    [
      'is longer',
      ({ subscribers, push, data }, index) => subscribers[1]!.send(push(index + 1, `${data}x`)),
      /connection 1 got \{"push"/,
    ],
    [
      'comes from another channel',
      ({ subscribers, push }, index) => {
        subscribers[1]!.send(push(index + 1).replace('bench', 'other'))
      },
      /connection 1 got \{"push":\{"channel":"other"/,
    ],
    [
      'is replaced by the end of the subscription',
      ({ subscribers }) => {
        subscribers[1]!.send(
          '{"push":{"channel":"bench","unsubscribe":{"code":2500,"reason":"insufficient"}}}',
        )
      },
      /connection 1 got \{"push":\{"channel":"bench","unsubscribe"/,
    ],
  ]
  for (const [name, fault, expected] of faults) {
    test(`notices that a publication ${name}`, async () => {
      assert.match(await refusal({ ...FAN_OUT, ...ENDLESS }, deliverBut(5, fault)), expected)
      assert.match(await refusal({ ...FAN_OUT, ...ENDLESS }, deliverBut(60, fault)), expected)
    })
  }

  test('notices an answer that is missing, that is to another publish, or an error', async () => {
    const withAnswer = (change: (answer: string) => string | undefined) => {
      return (publish: ChannelPublish, index: number): void => {
        const answer = index === 7 ? change(publish.answer) : publish.answer
        for (const subscriber of publish.subscribers) subscriber.send(publish.push(index + 1))
        if (answer !== undefined) publish.sender.send(answer)
      }
    }
    const options = { ...FAN_OUT, ...ENDLESS, stall: 0.2 }
    assert.match(
      await refusal(
        options,
        withAnswer(() => undefined),
      ),
      /1 publishes have no answer/,
    )
    assert.match(
      await refusal(
        options,
        withAnswer((answer) => answer.replace(/\d+/, (id) => String(Number(id) + 1))),
      ),
      /got an answer to publish 8 where that to 7 was expected/,
    )
    assert.match(
      await refusal(
        options,
        withAnswer(() => '{"id":1000000007,"error":{"code":103,"message":"permission denied"}}'),
      ),
      /connection 0 got .*permission denied/,
    )
  })

  test('holds idle connections that are subscribed, and answers their pings', async (t) => {
    const server = await startChannelServer(() => {})
    t.after(() => server.close())
    const idle = await holdConnections(generator, { port: server.port, ...ROOM })
    const [first] = server.subscribers()
    assert.equal(server.subscribers().length, 5)
    const pong = once(first!, 'message')
    first!.send('{}')
    assert.equal(String((await pong)[0]), '{}')
    await idle.close()
  })
})

describe('the generator, with a channel for each connection', { skip }, () => {
  const OWN: GeneratorOptions = { ...ROOM, keys: true, 'in-flight': 2 }
  const echo = ({ sender, push, answer }: ChannelPublish, index: number): void => {
    // Another connection's publications lie between.
    sender.send(push(3 * index + 1))
    sender.send(answer)
  }

  test('counts what comes back, whatever offsets are left out', async () => {
    const channels = new Map<string, Set<ChannelPublish['sender']>>()
    const keys: (string | undefined)[] = []
    const { messages, verified } = await run(
      OWN,
      (publish, index) => {
        channels.set(publish.channel, (channels.get(publish.channel) ?? new Set()).add(publish.sender))
        keys.push(publish.key)
        echo(publish, index)
      },
      'echo',
    )
    assert.ok(messages > 0)
    assert.equal(verified, 16 * 5)
    assert.deepEqual(
      [...channels.keys()].toSorted(),
      Array.from({ length: 5 }, (_, i) => `bench/0000${i}`),
    )
    for (const senders of channels.values()) assert.equal(senders.size, 1)
    assert.equal(new Set(keys).size, keys.length)
    for (const key of keys)
      assert.match(key ?? '', /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/)
  })

  test('has no keys unless it is asked for them', async () => {
    const keys = new Set<string | undefined>()
    const note = (publish: ChannelPublish, index: number): void => {
      keys.add(publish.key)
      echo(publish, index)
    }
    await run({ ...OWN, keys: undefined }, note, 'echo')
    assert.deepEqual([...keys], [undefined])
  })

  const faults: [name: string, fault: (publish: ChannelPublish, index: number) => void, expected: RegExp][] =
    [
      ['is lost', ({ sender, answer }) => sender.send(answer), /nothing came for .* s although messages/],
      [
        'comes twice',
        (publish, index) => {
          echo(publish, index)
          publish.sender.send(publish.push(3 * index + 2))
        },
        /got message \d+ of sender \d+ where \d+ was expected/,
      ],
      [
        'comes under an old offset',
        ({ sender, push, answer }) => {
          sender.send(push(1))
          sender.send(answer)
        },
        /got offset 1 after \d+/,
      ],
      [
        'comes from another’s channel',
        ({ sender, push, answer, channel }, index) => {
          sender.send(push(3 * index + 1).replace(channel, 'bench/77777'))
          sender.send(answer)
        },
        /got \{"push":\{"channel":"bench\/77777"/,
      ],
      [
        'has no answer',
        ({ sender, push }, index) => sender.send(push(3 * index + 1)),
        /1 publishes have no answer/,
      ],
    ]
  for (const [name, fault, expected] of faults) {
    test(`notices that a publication ${name}`, async () => {
      const options = { ...OWN, ...ENDLESS, 'in-flight': 1, stall: 0.2 }
      const publish = (command: ChannelPublish, index: number): void =>
        (index === 40 ? fault : echo)(command, index)
      assert.match(await refusal(options, publish, 'echo'), expected)
    })
  }
})
