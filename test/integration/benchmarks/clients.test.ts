import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { describe, test } from 'node:test'
import { CatchUp } from '../../../benchmarks/clients/catch-up.ts'
import type { BenchClient, ClientDriver, ClientEvents } from '../../../benchmarks/clients/client-driver.ts'
import { FlakyNetwork } from '../../../benchmarks/clients/flaky-network.ts'
import { runJitter, type JitterOptions } from '../../../benchmarks/clients/jitter.ts'
import { numberedMessage, type NumberedMessage } from '../../../benchmarks/clients/numbered-message.ts'
import { processorSeconds } from '../../../benchmarks/clients/processor-time.ts'
import { runStorm } from '../../../benchmarks/clients/storm.ts'
import { Tally } from '../../../benchmarks/clients/tally.ts'
import { startHttpServer } from './servers.ts'

describe('a tally', () => {
  function tallyOf(...messages: readonly [message: NumberedMessage, offset?: number][]): Tally {
    const tally = new Tally(2)
    for (const [message, offset] of messages) tally.take(message, offset)
    return tally
  }
  const figures = ({ delivered, doubled, disordered, altered }: Tally): number[] => [
    delivered,
    doubled,
    disordered,
    altered,
  ]

  test('counts messages of several senders', () => {
    const tally = tallyOf([numberedMessage(0, 0), 1], [numberedMessage(1, 0), 2], [numberedMessage(0, 1), 5])
    assert.deepEqual(figures(tally), [3, 0, 0, 0])
    assert.equal(tally.countLost([2, 1]), 0)
    assert.equal(tally.nextOf(0), 2)
  })

  test('counts what is lost, in the middle and at the end', () => {
    const tally = tallyOf([numberedMessage(0, 0)], [numberedMessage(0, 2)])
    assert.deepEqual(figures(tally), [2, 0, 0, 0])
    assert.equal(tally.countLost([4, 1]), 3)
  })

  test('tells what comes twice from what comes late', () => {
    const late = tallyOf([numberedMessage(0, 1)], [numberedMessage(0, 0)])
    assert.deepEqual(figures(late), [2, 0, 1, 0])
    const twice = tallyOf([numberedMessage(0, 0)], [numberedMessage(0, 0)])
    assert.deepEqual(figures(twice), [1, 1, 0, 0])
    const both = tallyOf([numberedMessage(0, 1)], [numberedMessage(0, 0)], [numberedMessage(0, 0)])
    assert.deepEqual(figures(both), [2, 1, 1, 0])
  })

  test('counts offsets that do not rise', () => {
    const tally = tallyOf([numberedMessage(0, 0), 7], [numberedMessage(1, 0), 6], [numberedMessage(0, 1), 7])
    assert.deepEqual(figures(tally), [3, 0, 2, 0])
  })

  test('counts what nobody has sent', () => {
    const other = { ...numberedMessage(0, 0), text: numberedMessage(0, 1).text }
    assert.deepEqual(figures(tallyOf([other], [numberedMessage(9, 0)])), [0, 0, 0, 2])
  })
})

describe('catching up', () => {
  function taking(): { take: (from: number, number: number, nowMs: number) => number | undefined } & {
    catchUp: CatchUp
  } {
    const tally = new Tally(2)
    const catchUp = new CatchUp(tally)
    const take = (from: number, number: number, nowMs: number): number | undefined => {
      const message = numberedMessage(from, number)
      tally.take(message)
      return catchUp.end(nowMs, message)
    }
    return { catchUp, take }
  }

  test('ends with the last message that had been published before', () => {
    const { catchUp, take } = taking()
    take(0, 0, 1)
    catchUp.begin(100, [2, 1])
    assert.equal(catchUp.end(105), undefined)
    assert.equal(take(1, 0, 110), undefined)
    assert.equal(take(1, 1, 120), undefined)
    assert.equal(take(0, 1, 130), 30)
    assert.equal(take(0, 2, 140), undefined)
  })

  test('ends with the subscription where nothing was missed', () => {
    const { catchUp, take } = taking()
    take(0, 0, 1)
    catchUp.begin(100, [1, 0])
    assert.equal(catchUp.end(104), 4)
    assert.equal(catchUp.end(105), undefined)
  })

  test('goes on through another attempt, but not through another cut', () => {
    const { catchUp, take } = taking()
    catchUp.begin(100, [1, 0])
    catchUp.begin(150, [1, 1])
    assert.equal(take(0, 0, 160), 60)
    catchUp.begin(200, [2, 0])
    catchUp.abandon()
    assert.equal(take(0, 1, 210), undefined)
  })
})

describe('a flaky network', () => {
  test('ends connections when it is cut, and establishes those that waited when it is back', async (t) => {
    const server = await startHttpServer((name) => ({ body: name }))
    const network = new FlakyNetwork({ keepAlive: true })
    t.after(async () => {
      network.destroy()
      await server.close()
    })
    let connections = 0
    network.onConnected = () => connections++
    const get = async (): Promise<string> => {
      const [response] = await once(
        request({ host: '127.0.0.1', port: server.port, path: '/hello/you', agent: network }).end(),
        'response',
      )
      response.setEncoding('utf8')
      let body = ''
      for await (const chunk of response) body += chunk
      return body
    }
    assert.equal(await get(), 'you')
    assert.equal(connections, 1)
    const ended = once(Object.values(network.freeSockets)[0]![0]!, 'close')
    network.cut()
    await ended

    const abandoned = request({ host: '127.0.0.1', port: server.port, agent: network })
    const failed = once(abandoned, 'error')
    abandoned.destroy(new Error('no patience'))
    await failed
    const waiting = get()
    assert.equal(connections, 1)
    network.restore()
    assert.equal(await waiting, 'you')
    assert.equal(connections, 2)
  })
})

/** A library without a network, of which each client gets what `deliver` does with what is published. */
function fakeDriver(
  deliver: (events: ClientEvents, message: NumberedMessage, index: number) => void = ({ onMessage }, m) =>
    onMessage(m),
): ClientDriver & { all: ClientEvents[] } {
  const all: ClientEvents[] = []
  return {
    all,
    open(_port, _network, events): BenchClient {
      all.push(events)
      queueMicrotask(events.onReady)
      return {
        async publish(message) {
          for (const [index, other] of all.entries()) deliver(other, message, index)
        },
        close() {},
      }
    },
  }
}

describe('jitter', () => {
  const options: JitterOptions = {
    port: 0,
    clients: 3,
    publishers: 2,
    rate: 200,
    seconds: 0.1,
    // Nobody is cut off: those that were would not be back, and be waited for.
    connectedMs: 60_000_000,
    awayMs: 1,
    stallMs: 50,
    server: process.pid,
  }
  const figures = async (driver: ClientDriver): Promise<Record<string, number>> => {
    const { published, delivered, lost, doubled, disordered, altered, gaps, cuts } = await runJitter(
      driver,
      options,
    )
    assert.ok(published > 2)
    assert.equal(cuts, 0)
    return { missing: published * 3 - delivered, lost, doubled, disordered, altered, gaps }
  }
  const none = { missing: 0, lost: 0, doubled: 0, disordered: 0, altered: 0, gaps: 0 }

  test('finds nothing wrong where everything comes', async () => {
    assert.deepEqual(await figures(fakeDriver()), none)
  })

  test('finds what one client loses, gets twice, late or altered, and gaps', async () => {
    const isIt = ({ from, number }: NumberedMessage, index: number): boolean =>
      index === 1 && from === 0 && number === 1
    assert.deepEqual(
      await figures(
        fakeDriver(({ onMessage, onGap }, message, index) => {
          if (isIt(message, index)) onGap()
          else onMessage(message)
        }),
      ),
      { ...none, missing: 1, lost: 1, gaps: 1 },
    )
    assert.deepEqual(
      await figures(
        fakeDriver(({ onMessage }, message, index) => {
          onMessage(message)
          if (isIt(message, index)) onMessage(message)
        }),
      ),
      { ...none, doubled: 1 },
    )
    assert.deepEqual(
      await figures(
        fakeDriver(({ onMessage }, message, index) => {
          if (index === 1 && message.from === 0 && message.number < 2) {
            if (message.number === 1) for (const late of [message, numberedMessage(0, 0)]) onMessage(late)
          } else onMessage(message)
        }),
      ),
      { ...none, disordered: 1 },
    )
    assert.deepEqual(
      await figures(
        fakeDriver(({ onMessage }, message, index) => {
          onMessage(isIt(message, index) ? { ...message, text: '' } : message)
        }),
      ),
      { ...none, missing: 1, lost: 1, altered: 1 },
    )
  })

  test('cuts clients off, and waits until they are back', async () => {
    let cuts = 0
    const fake = fakeDriver()
    const open: ClientDriver['open'] = (port, network, events) => {
      const cut = network.cut.bind(network)
      const restore = network.restore.bind(network)
      let isAway = false
      network.cut = () => {
        cuts++
        isAway = true
        cut()
      }
      network.restore = () => {
        restore()
        if (isAway) queueMicrotask(events.onReady)
        isAway = false
      }
      return fake.open(port, network, events)
    }
    const result = await runJitter({ open }, { ...options, connectedMs: 10 })
    assert.ok(cuts > 0)
    assert.equal(result.cuts, cuts)
    assert.equal(result.missing, 0)
    assert.ok(result.serverCpu >= 0 && result.generatorCpu > 0)
  })
})

describe('a storm', () => {
  const options = { port: 0, clients: 3, timeoutMs: 100 }

  test('notes when clients are back, and whether they get what is published then', async () => {
    const driver = fakeDriver()
    const onReady = (): void => {
      for (const events of driver.all) {
        events.onGap()
        events.onReady()
        events.onReady()
      }
    }
    const { backAtMs, gaps, reached } = await runStorm(driver, { ...options, onReady })
    assert.equal(backAtMs.length, 3)
    assert.equal(gaps, 3)
    assert.equal(reached, 3)
  })

  test('gives up those that do not come back, get nothing or get it twice', async () => {
    const driver = fakeDriver(({ onMessage }, message, index) => {
      if (index > 0) onMessage(message)
      if (index > 1) onMessage(message)
    })
    const onReady = (): void => driver.all[1]!.onReady()
    const { backAtMs, reached, clients } = await runStorm(driver, { ...options, onReady })
    assert.equal(clients, 3)
    assert.equal(backAtMs.length, 1)
    assert.equal(reached, 1)
  })
})

test('the processor time of a process is that of its threads', () => {
  assert.ok(processorSeconds(process.pid) > 0)
  assert.ok(Number.isNaN(processorSeconds(2 ** 30)))
})
