import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { standardOutput, type LineOutput } from '../../../src/middleware/logger/standard-output.ts'
import { StdoutLines } from '../../../src/middleware/logger/stdout-lines.ts'

/** A standard output that takes as much as a test says. */
class FakeOutput implements LineOutput {
  /** What was taken, one entry for each write. */
  readonly taken: string[] = []
  /** How many bytes the reader takes of each write. */
  appetite = Infinity
  sleeps = 0
  exit: () => void = () => undefined
  #soon: (() => void)[] = []
  #later: (() => void)[] = []
  onSleep: () => void = () => undefined

  write(bytes: Uint8Array): number {
    if (this.appetite < 0) throw new Error('EPIPE')
    const taken = bytes.subarray(0, this.appetite)
    if (taken.byteLength > 0) this.taken.push(Buffer.from(taken).toString())
    return taken.byteLength
  }

  soon(callback: () => void): void {
    this.#soon.push(callback)
  }

  later(_ms: number, callback: () => void): void {
    this.#later.push(callback)
  }

  onExit(callback: () => void): void {
    this.exit = callback
  }

  sleep(): void {
    this.sleeps++
    this.onSleep()
  }

  endTurn(): void {
    for (const callback of this.#soon.splice(0)) callback()
  }

  passTime(): void {
    for (const callback of this.#later.splice(0)) callback()
  }
}

describe('StdoutLines', () => {
  test('writes the lines of one turn at once', () => {
    const output = new FakeOutput()
    const lines = new StdoutLines(output)
    lines.write('a\n')
    lines.write('b\n')
    assert.deepEqual(output.taken, [])
    output.endTurn()
    assert.deepEqual(output.taken, ['a\nb\n'])
    lines.write('c\n')
    output.endTurn()
    assert.deepEqual(output.taken, ['a\nb\n', 'c\n'])
  })

  test('does not wait for the turn when there is much, and writes the rest at exit', () => {
    const output = new FakeOutput()
    const lines = new StdoutLines(output)
    const long = `${'x'.repeat(65_536)}\n`
    lines.write(long)
    assert.deepEqual(output.taken, [long])
    lines.write('last words\n')
    output.exit()
    assert.deepEqual(output.taken, [long, 'last words\n'])
    assert.equal(output.sleeps, 0)
  })

  test('keeps what a slow reader does not take, in order', () => {
    const output = new FakeOutput()
    const lines = new StdoutLines(output)
    output.appetite = 3
    lines.write('abcdefgh\n')
    output.endTurn()
    lines.write('ijk\n')
    output.endTurn()
    assert.deepEqual(output.taken, ['abc'])
    output.passTime()
    assert.deepEqual(output.taken, ['abc', 'def'])
    output.appetite = Infinity
    output.passTime()
    assert.deepEqual(output.taken, ['abc', 'def', 'gh\n', 'ijk\n'])
  })

  test('drops lines that pile up, and says how many', () => {
    const output = new FakeOutput()
    const lines = new StdoutLines(output)
    output.appetite = 0
    const long = `${'x'.repeat(1_000_000)}\n`
    for (let i = 0; i < 30; i++) lines.write(long)
    output.appetite = Infinity
    output.passTime()
    const parts = output.taken.join('').split('\n')
    const told = parts
      .filter((part) => part.startsWith('{'))
      .map((part) => JSON.parse(part) as { dropped: number })
    const kept = parts.filter((part) => part.startsWith('x')).length
    assert.ok(kept >= 17 && kept < 20, String(kept))
    assert.equal(told.length, 1)
    assert.equal(told[0]?.dropped, 30 - kept)
  })

  test('waits at exit for a reader that takes something, but not for ever', () => {
    const output = new FakeOutput()
    const lines = new StdoutLines(output)
    output.appetite = 1
    lines.write('abc\n')
    output.exit()
    assert.equal(output.taken.join(''), 'abc\n')
    output.appetite = 0
    lines.write('lost\n')
    const before = output.sleeps
    output.exit()
    assert.ok(output.sleeps > before && output.sleeps < before + 1_000)
  })

  test('gives up quietly when the reader has gone', () => {
    const output = new FakeOutput()
    const lines = new StdoutLines(output)
    output.appetite = -1
    lines.write('a\n')
    output.endTurn()
    output.appetite = Infinity
    lines.write('b\n')
    output.endTurn()
    output.exit()
    assert.deepEqual(output.taken, [])
  })

  test('writes to the console where there is no file system', (t) => {
    const log = t.mock.method(console, 'log', () => undefined)
    const lines = new StdoutLines(standardOutput({}))
    lines.write('a\n')
    lines.write('b\n')
    lines.flush()
    assert.deepEqual(
      log.mock.calls.map((call) => call.arguments),
      [['a\nb']],
    )
  })

  for (const [how, code] of [
    ['process.exit(3)', 3],
    ['setImmediate(() => { throw new Error("uncaught") })', 1],
    ['queueMicrotask(() => Promise.reject(new Error("unhandled")))', 1],
    ['undefined', 0],
  ] as const) {
    test(`loses no line of a process that ends by ${how}`, async () => {
      const source = pathToFileURL('src/middleware/logger.ts').href
      const script = `import { createLog } from ${JSON.stringify(source)}
        const log = createLog()
        for (let i = 0; i < 5_000; i++) log.info({ i }, 'x'.repeat(50))
        ${how}`
      const arguments_ = 'Bun' in globalThis ? ['-e', script] : ['--input-type=module', '-e', script]
      const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'ignore'] })
      let output = ''
      // A reader that is slower than the writer.
      const read = (text: string): void => {
        output += text
        child.stdout.pause()
        setTimeout(() => child.stdout.resume(), 5)
      }
      child.stdout.setEncoding('utf8').on('data', read)
      const [status] = (await once(child, 'close')) as [number]
      assert.equal(status, code)
      const numbers = output
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { i: number }).i)
      assert.deepEqual(
        numbers,
        Array.from({ length: 5_000 }, (_, i) => i),
      )
    })
  }

  test(
    'does not end the process when its reader leaves',
    { skip: process.platform === 'win32' && 'no SIGPIPE' },
    async () => {
      const source = pathToFileURL('src/middleware/logger.ts').href
      const script = `import { createLog } from ${JSON.stringify(source)}
      const log = createLog()
      process.on('exit', (code) => process.stderr.write('exit ' + code))
      let i = 0
      const timer = setInterval(() => { log.info('x'.repeat(1_000)); if (++i === 50) clearInterval(timer) }, 1)`
      const arguments_ = 'Bun' in globalThis ? ['-e', script] : ['--input-type=module', '-e', script]
      const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'pipe'] })
      child.stdout.once('data', () => child.stdout.destroy())
      let errors = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
      const [status] = (await once(child, 'close')) as [number]
      assert.deepEqual([status, errors], [0, 'exit 0'])
    },
  )
})
