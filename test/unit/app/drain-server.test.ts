import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type DrainOptions, resolveDrain } from '../../../src/app/drain-options.ts'
import { drainServer } from '../../../src/app/drain-server.ts'
import type { LeavingSocket, RuntimeServer } from '../../../src/app/runtime-port.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

/** How a peer takes it that the server goes. */
type Manner = 'polite' | 'deaf' | 'busy'

class FakeSocket implements LeavingSocket {
  state: LeavingSocket['state'] = 'open'
  readonly #manner: Manner
  readonly #note: (what: string) => void

  constructor(manner: Manner, note: (what: string) => void) {
    this.#manner = manner
    this.#note = note
  }

  shutDown(code: number): void {
    this.#note(`told ${code}`)
    if (this.#manner !== 'busy') this.state = this.#manner === 'polite' ? 'closed' : 'closing'
  }

  terminate(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#note('terminated')
  }
}

/** A server whose sockets are given; it writes down what happens, and when. */
class FakeServer implements RuntimeServer {
  readonly port = 1
  readonly host = ''
  readonly url = ''
  readonly log: string[] = []
  readonly #ended = Promise.withResolvers<void>()
  readonly closed: Promise<void> = this.#ended.promise
  readonly #clock: VirtualClock
  readonly #startMs: number
  readonly #sockets: FakeSocket[]

  constructor(clock: VirtualClock, manners: readonly Manner[]) {
    this.#clock = clock
    this.#startMs = clock.now()
    this.#sockets = manners.map((manner) => new FakeSocket(manner, (what) => this.#note(what)))
  }

  async stopAccepting(): Promise<void> {
    this.#note('stops accepting')
  }

  sockets(): readonly LeavingSocket[] {
    return this.#sockets
  }

  reloadTls(): void {}

  close(timeoutMs = 0): Promise<void> {
    this.#note(`close within ${timeoutMs}`)
    const look = (): void => {
      const isEmpty = this.#sockets.every(({ state }) => state === 'closed')
      if (isEmpty || this.#clock.now() >= endMs) this.#ended.resolve()
      else this.#clock.after(10, look)
    }
    const endMs = this.#clock.now() + timeoutMs
    look()
    return this.closed
  }

  #note(what: string): void {
    this.log.push(`${this.#clock.now() - this.#startMs}: ${what}`)
  }
}

function begin(options: DrainOptions, manners: readonly Manner[]) {
  const clock = new VirtualClock()
  const server = new FakeServer(clock, manners)
  const draining = drainServer(server, resolveDrain(options, 'OPTION_INVALID'), {
    leaving: () => [],
    clock,
  })
  return { clock, server, draining, end: () => clock.until(draining) }
}

const many = (count: number, manner: Manner = 'polite'): Manner[] =>
  Array.from({ length: count }, () => manner)

/** How many were told at each moment. */
function told(log: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const line of log) {
    const [at = '', what = ''] = line.split(': ')
    if (what === 'told 1001') counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

describe('a drain', () => {
  test('gives up the address first, tells in batches, and closes in what time is left', async () => {
    const { server, end } = begin({ batchSize: 10, batchIntervalMs: 100, timeoutMs: 8_000 }, many(25))
    await end()
    assert.deepEqual(told(server.log), { 0: 10, 100: 10, 200: 5 })
    assert.equal(server.log[0], '0: stops accepting')
    assert.equal(server.log.at(-1), '200: close within 5800')
  })

  test('makes batches larger where the window would not do', async () => {
    const { server, end } = begin({ batchSize: 1, batchIntervalMs: 100, spreadMs: 400 }, many(100))
    await end()
    assert.deepEqual(told(server.log), { 0: 25, 100: 25, 200: 25, 300: 25 })
  })

  test('with a window of 0 tells all at once', async () => {
    const { server, end } = begin({ batchSize: 1, spreadMs: 0 }, many(100))
    await end()
    assert.deepEqual(told(server.log), { 0: 100 })
  })

  test('without sockets takes no time', async () => {
    const { server, end } = begin({}, [])
    await end()
    assert.deepEqual(server.log, ['0: stops accepting', '0: close within 7000'])
  })

  test('serves on for as long as a load balancer is given to notice', async () => {
    const { clock, server, end } = begin({ noticeMs: 2_000 }, many(1))
    await clock.advance(1_999)
    assert.deepEqual(server.log, [])
    await end()
    assert.deepEqual(server.log, ['2000: stops accepting', '2000: told 1001', '2000: close within 5000'])
  })

  test('ends peers that do not answer a second after they were told, and waits for those that are busy', async () => {
    const { server, end } = begin({}, ['deaf', 'busy', 'polite'])
    await end()
    assert.deepEqual(server.log.slice(-2), ['0: close within 7000', '1000: terminated'])
    assert.equal(server.sockets()[1]?.state, 'open', 'ended by close when its time is over')
  })

  test('is over when the server has closed for another reason', async () => {
    const { clock, server, draining } = begin({ noticeMs: 5_000, timeoutMs: 20_000 }, many(1))
    await clock.advance(1_000)
    await server.close(0)
    await clock.until(draining, 1)
    assert.deepEqual(told(server.log), {})
  })
})

describe('options of a drain', () => {
  const resolve = (options: unknown) => resolveDrain(options as DrainOptions, 'OPTION_INVALID')

  test('have defaults that fit into the ten seconds of docker stop', () => {
    const { spreadMs, timeoutMs, connectionsMs, noticeMs, signals } = resolve({})
    assert.deepEqual([noticeMs, spreadMs, connectionsMs, timeoutMs], [0, 3_000, 7_000, 9_000])
    assert.deepEqual(signals, ['SIGTERM', 'SIGINT'])
  })

  test('leave a short drain half of its time to tell, and a quarter to stop', () => {
    const { spreadMs, connectionsMs } = resolve({ timeoutMs: 1_000 })
    assert.deepEqual([spreadMs, connectionsMs], [375, 750])
  })

  for (const [options, problem] of [
    [null, /expected true or options/],
    [{ batch: 1 }, /batch: no such option; there are noticeMs, batchSize/],
    [{ batchSize: 0 }, /batchSize: expected a whole number from 1/],
    [{ spreadMs: -1 }, /spreadMs: expected a whole number from 0/],
    [{ timeoutMs: 1.5 }, /timeoutMs/],
    [{ timeoutMs: Infinity }, /timeoutMs/],
    [{ signals: ['TERM'] }, /signals: expected names such as SIGTERM/],
    [
      { noticeMs: 5_000, spreadMs: 5_000 },
      /timeoutMs: 9000 leaves connections 7000 ms, less than .*\(10000\)/,
    ],
    [{ noticeMs: 8_000 }, /timeoutMs: 9000 leaves/],
  ] as const) {
    test(`are refused: ${JSON.stringify(options)}`, () => {
      assert.throws(() => resolve(options), { code: 'OPTION_INVALID', message: problem })
    })
  }
})
