import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import type { WebSocket } from 'ws'
import { buildGenerator, findCompiler } from '../../../benchmarks/generator/build-generator.ts'
import {
  GeneratorError,
  holdConnections,
  runGenerator,
  type GeneratorOptions,
  type Measurement,
} from '../../../benchmarks/generator/run-generator.ts'
import { toDeflatedFrame } from '../../../benchmarks/generator/to-deflated-frame.ts'
import { CACHE } from '../../../benchmarks/peers/folders.ts'
import { startHttpServer, startSocketIoServer, startWebSocketServer, type TestServer } from './servers.ts'

const skip = findCompiler() === undefined ? 'no C compiler: the generator cannot be built' : false
const BRIEF: GeneratorOptions = { 'warm-up': 0.02, seconds: 0.05, verified: 16, stall: 60 }

let generator: string[]
before(() => {
  if (skip === false) generator = [buildGenerator(CACHE)]
})

function run(
  mode: 'echo' | 'topic' | 'http',
  server: TestServer,
  options: GeneratorOptions,
): Promise<Measurement> {
  return runGenerator(generator, mode, { port: server.port, ...BRIEF, ...options })
}

/** The sentence with which the generator refuses what a server does. */
async function refusal(measurement: Promise<Measurement>): Promise<string> {
  try {
    const { messages } = await measurement
    return `noticed nothing in ${messages} messages`
  } catch (error) {
    if (error instanceof GeneratorError) return error.message
    throw error
  }
}

describe('the generator, echo', { skip }, () => {
  const shapes: [name: string, options: GeneratorOptions][] = [
    ['text, one in flight', { connections: 8 }],
    ['text, several in flight', { connections: 4, 'in-flight': 5 }],
    ['messages as short as can be', { connections: 3, size: 12 }],
    ['binary of 65,536 bytes', { connections: 2, size: 65_536, binary: true, verified: 2 }],
    ['binary of 200 bytes', { connections: 2, size: 200, binary: true }],
  ]
  for (const [name, options] of shapes) {
    test(`counts what a correct server sends back: ${name}`, async (t) => {
      const server = await startWebSocketServer((socket, data, isBinary) =>
        socket.send(data, { binary: isBinary }),
      )
      t.after(() => server.close())
      const { messages, verified, seconds, generatorCpu } = await run('echo', server, options)
      assert.ok(messages > 0)
      assert.ok(verified >= Number(options['verified'] ?? 16) * Number(options['connections']))
      assert.ok(seconds >= 0.05)
      assert.ok(generatorCpu > 0)
    })
  }

  test('tells the processor time of the server', async (t) => {
    const server = await startWebSocketServer((socket, data) => socket.send(data, { binary: false }))
    t.after(() => server.close())
    const { serverCpu } = await run('echo', server, { server: process.pid })
    assert.ok(serverCpu !== undefined && serverCpu >= 0)
  })

  test('counts compressed frames that it was given', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'goweb-generator-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const texts = Array.from({ length: 5 }, (_, i) => randomBytes(300 + i).toString('hex'))
    const frames = join(folder, 'frames.bin')
    writeFileSync(frames, Buffer.concat(texts.map(toDeflatedFrame)))
    const received = new Set<string>()
    const echo = (compress: boolean) => (socket: WebSocket, data: Buffer) => {
      received.add(data.toString())
      socket.send(data, { binary: false, compress })
    }
    const server = await startWebSocketServer(echo(true), { perMessageDeflate: true })
    t.after(() => server.close())
    const options = { frames, extensions: 'permessage-deflate', connections: 2 }
    assert.ok((await run('echo', server, options)).messages > 0)
    assert.deepEqual([...received].toSorted(), texts.toSorted())

    const plain = await startWebSocketServer(echo(false))
    t.after(() => plain.close())
    assert.match(await refusal(run('echo', plain, options)), /does not do permessage-deflate/)
    const lazy = await startWebSocketServer(echo(false), { perMessageDeflate: true })
    t.after(() => lazy.close())
    assert.match(await refusal(run('echo', lazy, options)), /beginning with 81/)
  })
})

describe('the generator notices that an echo', { skip }, () => {
  /** Runs an echo server that does `fault` to the `at`th message of each connection. */
  async function faulty(
    at: number,
    fault: (socket: WebSocket, data: Buffer) => void,
    options: GeneratorOptions = {},
  ): Promise<string> {
    const counts = new Map<unknown, number>()
    const server = await startWebSocketServer((socket, data, isBinary) => {
      const count = counts.get(socket) ?? 0
      counts.set(socket, count + 1)
      if (count === at) fault(socket, data)
      else socket.send(data, { binary: isBinary })
    })
    try {
      return await refusal(run('echo', server, options))
    } finally {
      await server.close()
    }
  }

  const text = { binary: false }
  const altered = (data: Buffer, index: number): Buffer => {
    const copy = Buffer.from(data)
    copy[index]! ^= 1
    return copy
  }
  /** 16 messages are verified; the 200th is not, as long as it comes. */
  const endless: GeneratorOptions = { seconds: 60 }

  for (const [name, at, options] of [
    ['before the timing', 5, {}],
    ['in the first message', 0, {}],
    ['during the timing', 200, endless],
  ] as const) {
    test(`has another filler, ${name}`, async () => {
      const fault = await faulty(at, (socket, data) => socket.send(altered(data, 20), text), options)
      assert.match(fault, new RegExp(`message ${at} of sender 0 altered`))
    })
    test(`has another last byte, ${name}`, async () => {
      const fault = await faulty(
        at,
        (socket, data) => socket.send(altered(data, data.length - 1), text),
        options,
      )
      assert.match(fault, /altered/)
    })
    test(`has another number, ${name}`, async () => {
      const fault = await faulty(at, (socket, data) => socket.send(altered(data, 5), text), options)
      assert.match(fault, /lost, doubled or out of order/)
    })
    test(`has another sender, ${name}`, async () => {
      const fault = await faulty(at, (socket, data) => socket.send(altered(data, 1), text), options)
      assert.match(fault, /altered message, or one for another/)
    })
    test(`comes twice, ${name}`, async () => {
      const twice = (socket: WebSocket, data: Buffer): void => {
        socket.send(data, text)
        socket.send(data, text)
      }
      assert.match(await faulty(at, twice, options), /lost, doubled or out of order/)
    })
    test(`is lost while others come, ${name}`, async () => {
      const fault = await faulty(at, () => {}, { ...options, 'in-flight': 4 })
      assert.match(fault, /lost, doubled or out of order/)
    })
    test(`is overtaken, ${name}`, async () => {
      let held: Buffer | undefined
      const server = await startWebSocketServer((socket, data) => {
        const number = count++
        if (number === at) held = data
        else {
          socket.send(data, text)
          if (held !== undefined) socket.send(held, text)
          held = undefined
        }
      })
      let count = 0
      try {
        const fault = await refusal(run('echo', server, { ...options, 'in-flight': 4 }))
        assert.match(fault, new RegExp(`got message ${at + 1} of sender 0 where ${at} was expected`))
      } finally {
        await server.close()
      }
    })
  }

  test('is lost and nothing follows', async () => {
    assert.match(await faulty(9, () => {}, { stall: 0.2 }), /nothing came .* 9 came, 10 were expected/)
  })
  test('is of the other type', async () => {
    assert.match(await faulty(3, (socket, data) => socket.send(data, { binary: true })), /beginning with 82/)
  })
  test('is longer or shorter', async () => {
    const longer = await faulty(3, (socket, data) => socket.send(Buffer.concat([data, data]), text))
    assert.match(longer, /frame of 64 bytes .* where a message of 32 bytes was expected/)
    assert.match(await faulty(3, (socket, data) => socket.send(data.subarray(1), text)), /frame of 31 bytes/)
  })
  test('is a close frame or the end of the connection', async () => {
    assert.match(await faulty(3, (socket) => socket.close(1011)), /closed connection 0 with 1011/)
    assert.match(
      await faulty(3, (socket) => socket.terminate()),
      /ended connection 0|takes no further message/,
    )
  })
  test('goes to another connection', async () => {
    const sockets: WebSocket[] = []
    const server = await startWebSocketServer((socket, data) => {
      if (!sockets.includes(socket)) sockets.push(socket)
      const target = sockets.length === 2 ? sockets.find((other) => other !== socket)! : socket
      target.send(data, text)
    })
    try {
      assert.match(await refusal(run('echo', server, { connections: 2 })), /one for another/)
    } finally {
      await server.close()
    }
  })
})

describe('the generator, topics', { skip }, () => {
  /** With what the messages of sender 2 begin. */
  const OWN = 'c'.charCodeAt(0)
  const room: GeneratorOptions = { path: '/topic', connections: 6, size: 40 }
  const fanOut: GeneratorOptions = { ...room, 'publisher-path': '/publish', 'in-flight': 4 }
  const endless: GeneratorOptions = { seconds: 60 }

  /**
   * Runs a topic server in which subscriber 2 gets what `fault` makes of one delivery, the `at`th or soon after.
   *
   * Not of its own message: in a room it would wait for that, and nothing would follow to show that it is missing.
   */
  async function topic(
    options: GeneratorOptions,
    fault: (data: Buffer, deliver: (data: Buffer) => void) => void = (data, deliver) => deliver(data),
    at = -1,
  ): Promise<{ server: TestServer; measurement: Promise<Measurement> }> {
    let deliveries = 0
    let isDone = at === -1
    const server = await startWebSocketServer((_socket, data) => {
      for (const [member, client] of server.subscribers().entries()) {
        const deliver = (bytes: Buffer): void => client.send(bytes, { binary: false })
        if (member === 2 && !isDone && deliveries++ >= at && data[0] !== OWN) {
          isDone = true
          fault(data, deliver)
        } else deliver(data)
      }
    })
    return { server, measurement: run('topic', server, options) }
  }

  async function topicRefusal(...args: Parameters<typeof topic>): Promise<string> {
    const { server, measurement } = await topic(...args)
    try {
      return await refusal(measurement)
    } finally {
      await server.close()
    }
  }

  for (const [name, options] of [
    ['a room', room],
    ['a fan-out', fanOut],
  ] as const) {
    test(`counts every delivery of ${name}`, async () => {
      const { server, measurement } = await topic(options)
      const { messages, verified } = await measurement
      await server.close()
      assert.ok(messages > 0)
      assert.equal(verified, options === room ? 16 * 6 * 6 : 16 * 6)
    })
    // The last of four in flight could be lost with nothing behind it, which shows only after a while.
    for (const at of [6, 301]) {
      const when = at === 6 ? 'before' : 'during'
      test(`notices in ${name}, ${when} the timing, that one subscriber misses a message`, async () => {
        const fault = await topicRefusal({ ...options, ...endless }, () => {}, at)
        assert.match(fault, /connection 2 got message .* lost, doubled or out of order/)
      })
      test(`notices in ${name}, ${when} the timing, that one subscriber gets another message`, async () => {
        const change = (data: Buffer, deliver: (data: Buffer) => void): void => {
          const copy = Buffer.from(data)
          copy[30]! ^= 1
          deliver(copy)
        }
        assert.match(
          await topicRefusal({ ...options, ...endless }, change, at),
          /connection 2 got message .* altered/,
        )
      })
      test(`notices in ${name}, ${when} the timing, that one subscriber gets a message twice`, async () => {
        const double = (data: Buffer, deliver: (data: Buffer) => void): void => {
          deliver(data)
          deliver(data)
        }
        assert.match(
          await topicRefusal({ ...options, ...endless }, double, at),
          /lost, doubled or out of order/,
        )
      })
    }
  }

  test('notices that one subscriber gets messages out of order', async () => {
    let held: Buffer | undefined
    let count = 0
    const server = await startWebSocketServer((_socket, data) => {
      for (const [member, client] of server.subscribers().entries()) {
        if (member === 1 && count++ === 2) held = data
        else {
          client.send(data, { binary: false })
          if (member !== 1 || held === undefined) continue
          client.send(held, { binary: false })
          held = undefined
        }
      }
    })
    try {
      assert.match(
        await refusal(run('topic', server, fanOut)),
        /connection 1 got message 3 .* where 2 was expected/,
      )
    } finally {
      await server.close()
    }
  })

  test('measures how long deliveries take at a given rate', async () => {
    const options = { ...fanOut, 'in-flight': 1, rate: 200, seconds: 0.2 }
    const { server, measurement } = await topic(options)
    const { latencyMs } = await measurement
    await server.close()
    assert.ok(latencyMs !== undefined && latencyMs.p50 > 0)
    assert.ok(latencyMs.p99 >= latencyMs.p50 && latencyMs.max >= latencyMs.p99)
  })

  test('tells how many that never read are still connected', async () => {
    const { server, measurement } = await topic({ ...fanOut, silent: 2 })
    assert.equal((await measurement).silentOpen, 2)
    await server.close()
  })

  test('speaks the protocol of Socket.IO', async (t) => {
    const server = await startSocketIoServer()
    t.after(() => server.close())
    const { messages } = await run('topic', server, { connections: 3, 'socket-io': true, 'in-flight': 2 })
    assert.ok(messages > 0)
  })
})

describe('the generator, HTTP', { skip }, () => {
  const path: GeneratorOptions = { path: '/hello', connections: 4 }

  test('counts correct answers', async (t) => {
    const server = await startHttpServer((name) => ({ body: JSON.stringify({ hello: name }) }))
    t.after(() => server.close())
    const { messages, verified } = await run('http', server, path)
    assert.ok(messages > 0)
    assert.ok(verified >= 64)
  })

  const faults: [name: string, answer: Parameters<typeof startHttpServer>[0], expected: RegExp][] = [
    ['another body', () => ({ body: '{"hello":"aaaaaaaz"}' }), /got \{"hello":"aaaaaaaz"\} where/],
    ['another length', (name) => ({ body: `${JSON.stringify({ hello: name })} ` }), /where \{"hello"/],
    ['another status', (name) => ({ body: JSON.stringify({ hello: name }), status: 500 }), /HTTP\/1\.1 500/],
    ['another type', (name) => ({ body: JSON.stringify({ hello: name }), type: 'text/plain' }), /no JSON/],
  ]
  for (const [name, answer, expected] of faults) {
    test(`notices ${name}`, async (t) => {
      const server = await startHttpServer(answer)
      t.after(() => server.close())
      assert.match(await refusal(run('http', server, path)), expected)
    })
  }

  test('notices a wrong answer among right ones, during the timing', async (t) => {
    let count = 0
    const server = await startHttpServer((name) => {
      return { body: JSON.stringify({ hello: count++ === 500 ? 'aaaaaaaz' : name }) }
    })
    t.after(() => server.close())
    assert.match(await refusal(run('http', server, { ...path, seconds: 60 })), /aaaaaaaz/)
  })
})

describe('the generator, idle connections', { skip }, () => {
  test('holds them and answers pings', async (t) => {
    const server = await startWebSocketServer(() => {})
    t.after(() => server.close())
    const idle = await holdConnections(generator, { port: server.port, path: '/topic', connections: 20 })
    const sockets = server.subscribers()
    assert.equal(sockets.length, 20)
    const pongs = sockets.map((socket) => once(socket, 'pong'))
    for (const socket of sockets) socket.ping('hello')
    for (const pong of pongs) assert.deepEqual(String((await pong)[0]), 'hello')
    await idle.close()
  })

  test('fails when nobody listens', async () => {
    const server = await startWebSocketServer(() => {})
    const { port } = server
    await server.close()
    await assert.rejects(holdConnections(generator, { port, connections: 1 }), GeneratorError)
  })
})

describe('without a C compiler', () => {
  test('the generator says what is missing', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'goweb-generator-'))
    const { PATH } = process.env
    process.env['PATH'] = folder
    t.after(() => {
      process.env['PATH'] = PATH
      rmSync(folder, { recursive: true })
    })
    assert.equal(findCompiler(), undefined)
    assert.throws(() => buildGenerator(folder), /install gcc/)
  })
})
