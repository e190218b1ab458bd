import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LatestSubscription } from 'goweb/client'
import type { Publication } from '../../../src/protocol/publication.ts'
import { at, Script, type ScriptedSocket } from './scripted-server.ts'

/** A value of a key: `x3` at an offset, with an event if it has one. */
function value(text: string, offset: number, event?: string): Publication {
  return { data: text, offset, key: text[0]!, ...(event !== undefined && { tags: { event } }) }
}

function removal(key: string, offset?: number): Publication {
  return { data: null, key, removed: true, ...(offset !== undefined && { offset }) }
}

interface Watched {
  readonly script: Script
  readonly socket: ScriptedSocket
  readonly sub: LatestSubscription
  readonly got: string[]
  readonly gaps: unknown[]
}

/** Notes values as they are, and removed keys with a minus. */
function note(sub: LatestSubscription): string[] {
  const got: string[] = []
  sub.on((data, { key }) => got.push(`${data as string}${(data as string).startsWith(key!) ? '' : '?'}`))
  sub.onRemoved((key, { removed }) => got.push(removed === true ? `-${key}` : '?'))
  return got
}

async function start(...values: Publication[]): Promise<Watched> {
  const script = new Script()
  const { client, socket } = await script.open()
  const gaps: unknown[] = []
  const sub = client.channel('l', {}, { onGap: (gap) => gaps.push(gap) })
  const got = note(sub)
  await script.settle()
  await socket.subscribe(at(values.length, { publications: values, snapshot: 'all' }))
  return { script, socket, sub, got, gaps }
}

/** Values as a plain object. */
function all(sub: LatestSubscription): object {
  return Object.fromEntries(sub.values())
}

describe('a subscription of a latest channel', () => {
  test('has the values of the reply, then each new one, and tells removed keys', async () => {
    const { socket, sub, got, gaps } = await start(value('a1', 1), value('b1', 2))
    assert.deepEqual([...got], ['a1', 'b1'])
    assert.deepEqual(sub.position, { offset: 2, epoch: 'e' })
    socket.publish('l', value('a2', 3), removal('b', 4), removal('b', 5), value('b2', 6))
    assert.deepEqual([...got], ['a1', 'b1', 'a2', '-b', 'b2'])
    assert.deepEqual(all(sub), { a: 'a2', b: 'b2' })
    assert.deepEqual(sub.position, { offset: 6, epoch: 'e' })
    const copy = sub.values()
    socket.publish('l', removal('a'))
    assert.equal(copy.size, 2)
    assert.deepEqual(all(sub), { b: 'b2' })
    assert.deepEqual(sub.position, { offset: 6, epoch: 'e' })
    assert.deepEqual(gaps, [])
  })

  test('after a lost connection takes what has changed, removals too', async () => {
    const { script, socket, sub, got, gaps } = await start(value('a1', 1), value('b1', 2))
    socket.end()
    assert.deepEqual(all(sub), { a: 'a1', b: 'b1' })
    const next = await script.nextSocket()
    await next.accept()
    const { id, recover, offset, epoch, snapshot } = next.take('subscribe')
    assert.deepEqual([recover, offset, epoch, snapshot], [true, 2, 'e', undefined])
    const publications = [value('a2', 4), removal('b', 5), value('c1', 6)]
    next.say({ id, subscribe: at(6, { recovered: true, was_recovering: true, publications }) })
    assert.deepEqual(got, ['a1', 'b1', 'a2', '-b', 'c1'])
    assert.deepEqual(sub.position, { offset: 6, epoch: 'e' })
    assert.deepEqual(gaps, [])
  })

  test('takes all values anew, hands on what is news and works out what is gone', async () => {
    const { script, socket, sub, got, gaps } = await start(value('a1', 1), value('b1', 2), value('c1', 3))
    socket.end()
    const next = await script.nextSocket()
    await next.accept()
    const publications = [value('a1', 1), value('c2', 7)]
    await next.subscribe(at(9, { recovered: false, was_recovering: true, publications, snapshot: 'all' }))
    assert.deepEqual(got, ['a1', 'b1', 'c1', 'c2', '-b'])
    assert.deepEqual(all(sub), { a: 'a1', c: 'c2' })
    assert.deepEqual(sub.position, { offset: 9, epoch: 'e' })
    assert.deepEqual(gaps, [])
  })

  test('takes everything for news in another epoch, and still works out what is gone', async () => {
    const { script, socket, sub, got, gaps } = await start(value('a1', 1), value('b1', 2))
    socket.end()
    const next = await script.nextSocket()
    await next.accept()
    await next.subscribe(at(1, { recovered: false, publications: [value('a1', 1)], snapshot: 'all' }, 'f'))
    assert.deepEqual(got, ['a1', 'b1', 'a1', '-b'])
    assert.deepEqual(all(sub), { a: 'a1' })
    assert.deepEqual(sub.position, { offset: 1, epoch: 'f' })
    next.publish('l', value('a2', 2))
    assert.deepEqual(got.at(-1), 'a2')
    assert.deepEqual(gaps, [])
  })

  test('takes values that come after the reply, and knows only then what is gone', async () => {
    const { script, socket, sub, got } = await start(value('a1', 1), value('b1', 2), value('c1', 3))
    socket.end()
    const next = await script.nextSocket()
    await next.accept()
    await next.subscribe(at(4, { recovered: false, publications: [value('d1', 4)], snapshot: 'begins' }))
    next.publish('l', value('e1', 5), value('a2', 6), removal('c', 7))
    assert.deepEqual(all(sub), { a: 'a2', b: 'b1', d: 'd1', e: 'e1' })
    next.push('l', { snapshot: { offset: 8 } })
    assert.deepEqual(got, ['a1', 'b1', 'c1', 'd1', 'e1', 'a2', '-c', '-b'])
    assert.deepEqual(all(sub), { a: 'a2', d: 'd1', e: 'e1' })
    assert.deepEqual(sub.position, { offset: 8, epoch: 'e' })
    next.publish('l', value('a3', 9))
    assert.equal(got.at(-1), 'a3')
  })

  test('asks for all values again when the connection was lost before they had come', async () => {
    const { script, socket, sub, got } = await start(value('a1', 1), value('b1', 2))
    socket.end()
    const second = await script.nextSocket()
    await second.accept()
    await second.subscribe(at(3, { recovered: false, publications: [value('c1', 3)], snapshot: 'begins' }))
    second.end()
    const third = await script.nextSocket()
    await third.accept()
    const { id, recover, offset, epoch, snapshot } = third.take('subscribe')
    assert.deepEqual([recover, offset, epoch, snapshot], [true, 3, 'e', true])
    const publications = [value('a1', 1), value('c1', 3)]
    third.say({ id, subscribe: at(5, { recovered: false, publications, snapshot: 'all' }) })
    assert.deepEqual(got, ['a1', 'b1', 'c1', '-b'])
    assert.deepEqual(all(sub), { a: 'a1', c: 'c1' })
  })

  test('gives a late handler the current values, once, and of its event only', async () => {
    const { script, socket, sub } = await start(
      value('a1', 1, 'price'),
      value('b1', 2, 'note'),
      value('c1', 3, 'price'),
    )
    const typed = sub as unknown as {
      on(event: string, handler: (data: string, publication: Publication) => void): () => void
    }
    const prices: string[] = []
    typed.on('price', (data, { key }) => prices.push(`${key} ${data}`))
    const never: unknown[] = []
    const off = typed.on('price', (data) => never.push(data))
    off()
    // Before the turn has ended: it is among the current values then, and does not come twice.
    socket.publish('l', value('c2', 4, 'price'))
    assert.deepEqual(prices, [])
    await script.settle()
    assert.deepEqual([...prices], ['a a1', 'c c2'])
    socket.publish('l', value('a2', 5, 'price'), value('b2', 6, 'note'))
    assert.deepEqual(prices, ['a a1', 'c c2', 'a a2'])
    assert.deepEqual(never, [])
  })

  test('gives a late handler what was current before another epoch, as it was', async () => {
    const { script, socket, sub } = await start(value('a1', 1), value('b1', 2))
    socket.end()
    const next = await script.nextSocket()
    await next.accept()
    await next.subscribe(at(1, { recovered: false, publications: [value('a0', 1)], snapshot: 'begins' }, 'f'))
    const got: unknown[] = []
    sub.on((data, { offset }) => got.push([data, offset]))
    await script.settle()
    assert.deepEqual(
      [...got],
      [
        ['a0', 1],
        ['b1', 2],
      ],
    )
    next.publish('l', value('b0', 1))
    next.push('l', { snapshot: { offset: 2 } })
    assert.deepEqual(got.slice(2), [['b0', 1]])
  })

  test('shares its values with others of the channel, whenever they came and wherever they want to begin', async () => {
    const { script, socket } = await start(value('a1', 1), value('b1', 2))
    const [client] = script.clients
    const early = client!.channel('l', {}, { since: { offset: 0, epoch: 'e' } })
    const got = note(early)
    await script.settle()
    socket.assertNothing()
    assert.deepEqual(got, ['a1', 'b1'])
    assert.deepEqual(all(early), { a: 'a1', b: 'b1' })
    socket.publish('l', value('a2', 3))
    assert.deepEqual(got, ['a1', 'b1', 'a2'])
    assert.deepEqual(early.position, { offset: 3, epoch: 'e' })
  })

  test('with a position to begin at gets all values all the same', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const sub = client.channel('l', {}, { since: { offset: 2, epoch: 'e' } })
    const got = note(sub)
    await script.settle()
    const { id, recover, offset, snapshot } = socket.take('subscribe')
    assert.deepEqual([recover, offset, snapshot], [true, 2, true])
    const publications = [value('a1', 1), value('b1', 3)]
    socket.say({ id, subscribe: at(3, { recovered: false, publications, snapshot: 'all' }) })
    assert.deepEqual(got, ['a1', 'b1'])
    assert.deepEqual(all(sub), { a: 'a1', b: 'b1' })
    socket.assertNothing()
  })

  test('tells errors of late handlers to onError, and goes on', async () => {
    const { script, socket, sub } = await start(value('a1', 1), value('b1', 2))
    const got: unknown[] = []
    sub.on((data) => {
      got.push(data)
      throw new Error(`no ${data as string}`)
    })
    await script.settle()
    socket.publish('l', value('a2', 3))
    assert.deepEqual(got, ['a1', 'b1', 'a2'])
    assert.deepEqual(script.errors.map(String), ['Error: no a1', 'Error: no b1', 'Error: no a2'])
  })

  test('has no values on other channels', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const sub = client.channel('r')
    await script.settle()
    await socket.subscribe(at(0))
    assert.deepEqual(all(sub), {})
  })
})
