import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Command } from '../../../src/protocol/command.ts'
import { CommandWork, type CommandTask } from '../../../src/realtime/command-work.ts'

function task(id: number, channel: string | undefined): CommandTask {
  return { id, channel, startedAtMs: 0, bytes: 10, abort: undefined, storing: undefined, place: -1 }
}

function history(id: number, channel: string): Command {
  return { id, history: { channel } }
}

describe('the work of a connection', () => {
  test('holds up each channel for itself', () => {
    const work = new CommandWork()
    const [a, b, c] = [task(1, 'a'), task(2, 'b'), task(3, 'c')]
    for (const one of [a, b, c]) work.begin(one)
    for (const name of ['a', 'b', 'c']) assert.equal(work.mustWait(name, history(9, name)), true, name)
    assert.equal(work.mustWait('d', history(9, 'd')), false)
    work.wait('b', { command: history(4, 'b'), bytes: 5 })
    assert.deepEqual([work.size, work.bytes], [4, 35])

    assert.equal(work.end(a), true)
    assert.equal(work.next('a'), undefined)
    assert.equal(work.mustWait('a', history(9, 'a')), false)
    assert.equal(work.next('b'), undefined, 'what is under way goes first')
    assert.equal(work.end(b), true)
    assert.equal(work.next('b')?.command.id, 4)
    assert.equal(work.next('b'), undefined)
    assert.equal(work.end(c), true)
    assert.equal(work.next('c'), undefined)
    assert.deepEqual([work.size, work.bytes, work.isIdle], [0, 0, true])
  })

  test('keeps lanes apart whose names come and go', () => {
    const work = new CommandWork()
    const first = task(1, 'first')
    const second = task(2, 'second')
    work.begin(first)
    work.begin(second)
    work.end(first)
    work.next('first')
    const third = task(3, 'third')
    work.begin(third)
    assert.equal(work.mustWait('second', history(9, 'second')), true)
    assert.equal(work.mustWait('third', history(9, 'third')), true)
    assert.equal(work.mustWait('first', history(9, 'first')), false)
    work.end(third)
    work.next('third')
    assert.equal(work.isIdle, false)
    work.end(second)
    work.next('second')
    assert.equal(work.isIdle, true)
  })

  test('lists what is under way, whichever of it has ended', () => {
    const work = new CommandWork()
    const all = Array.from({ length: 5 }, (_, id) => task(id, undefined))
    for (const one of all) work.begin(one)
    for (const id of [2, 0, 4]) assert.equal(work.end(all[id]!), true)
    assert.equal(work.end(all[2]!), false, 'not twice')
    assert.deepEqual(new Set(work.tasks.map(({ id }) => id)), new Set([1, 3]))
    assert.deepEqual(
      all.map((one) => work.has(one)),
      [false, true, false, true, false],
    )
  })

  test('forgets everything at once, and tells those who can be told', () => {
    const work = new CommandWork()
    const abort = new AbortController()
    const call = { ...task(1, undefined), abort }
    const publish = task(2, 'a')
    const other = task(3, 'b')
    for (const one of [call, publish, other]) work.begin(one)
    work.wait('a', { command: history(4, 'a'), bytes: 5 })
    work.abandon()
    assert.equal(abort.signal.aborted, true)
    for (const one of [call, publish, other]) assert.equal(work.end(one), false)
    assert.equal(work.next('a'), undefined)
    assert.deepEqual([work.size, work.bytes, work.isIdle], [0, 0, true])
  })
})
