import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Client, Subscription } from 'goweb/client'
import { at, pub, Script, type ScriptedSocket } from './scripted-server.ts'

async function open(maxWaitingPublications = 100): Promise<{
  script: Script
  client: Client
  socket: ScriptedSocket
  room: Subscription<Record<string, { input: unknown; output: unknown }>>
  gaps: object[]
}> {
  const script = new Script()
  const { client, socket } = await script.open({ maxWaitingPublications })
  const gaps: object[] = []
  const room = client.channel('r', {}, { onGap: (gap) => gaps.push(gap) })
  await script.settle()
  await socket.subscribe(at(0))
  return { script, client, socket, room: room as never, gaps }
}

describe('handlers', () => {
  test('get the publications of their event, or all', async () => {
    const { socket, room } = await open()
    const got: unknown[] = []
    const off = room.on('a', (data, { offset }) => got.push(['a', data, offset]))
    room.on((data) => got.push(['all', data]))
    socket.publish('r', pub(1, 'x', 'a'), pub(2, 'y', 'b'), pub(3, 'z'))
    off()
    off()
    socket.publish('r', pub(4, 'w', 'a'))
    assert.deepEqual(got, [
      ['a', 'x', 1],
      ['all', 'x'],
      ['all', 'y'],
      ['all', 'z'],
      ['all', 'w'],
    ])
  })

  test('that come late get what waits for them, in order', async () => {
    const { script, socket, room, gaps } = await open()
    const got: unknown[] = []
    socket.publish('r', pub(1, 1, 'a'), pub(2, 2, 'b'), pub(3, 3, 'a'))
    room.on('a', (data) => got.push(data))
    // The turn has not ended: what comes now is behind what waits.
    socket.publish('r', pub(4, 4, 'a'))
    assert.deepEqual([...got], [])
    await script.settle()
    socket.publish('r', pub(5, 5, 'a'))
    assert.deepEqual([...got], [1, 3, 4, 5])
    room.on('b', (data) => got.push(data))
    await script.settle()
    assert.deepEqual(got, [1, 3, 4, 5, 2])
    assert.deepEqual(gaps, [])
  })

  test('that leave in the middle leave the rest for others', async () => {
    const { script, socket, room } = await open()
    const got: unknown[] = []
    socket.publish('r', pub(1, 1, 'a'), pub(2, 2, 'a'))
    const off = room.on('a', (data) => {
      got.push(data)
      off()
    })
    await script.settle()
    socket.publish('r', pub(3, 3, 'a'))
    assert.deepEqual([...got], [1])
    room.on('a', (data) => got.push(data))
    await script.settle()
    assert.deepEqual(got, [1, 2, 3])
  })

  test('that come too late for what could be kept are told of a gap; others are not', async () => {
    const { script, socket, room, gaps } = await open(2)
    const got: unknown[] = []
    room.on('a', (data) => got.push(data))
    socket.publish('r', pub(1, 1, 'b'), pub(2, 2, 'b'), pub(3, 3, 'b'), pub(4, 4, 'a'))
    await script.settle()
    assert.deepEqual(gaps, [])
    room.on('b', (data) => got.push(data))
    await script.settle()
    assert.deepEqual(gaps, [{ position: { offset: 4, epoch: 'e' } }])
    socket.publish('r', pub(5, 5, 'b'))
    assert.deepEqual(got, [4, 5])
  })

  test('that throw or reject have had the publication, and keep nobody else from it', async () => {
    const { script, socket, room } = await open()
    const got: unknown[] = []
    room.on(() => {
      throw new TypeError('thrown')
    })
    room.on(() => Promise.reject(new TypeError('rejected')))
    room.on((data) => got.push(data))
    socket.publish('r', pub(1), pub(2))
    await script.settle()
    assert.deepEqual(got, [1, 2])
    assert.deepEqual(
      script.errors.map((error) => (error as Error).message),
      ['thrown', 'thrown', 'rejected', 'rejected'],
    )
  })

  test('of errors that throw themselves are reported, and lose nothing', async (t) => {
    const script = new Script()
    const { client, socket } = await script.open({
      onError: (error) => {
        throw new RangeError('worse', { cause: error })
      },
    })
    const reported: unknown[] = []
    const platform = globalThis as { reportError?: unknown }
    const before = platform.reportError
    platform.reportError = (error: unknown) => reported.push(error)
    t.after(() => {
      platform.reportError = before
    })
    const got: unknown[] = []
    const room = client.channel('r')
    room.on((data) => {
      got.push(data)
      throw new TypeError('thrown')
    })
    await script.settle()
    await socket.subscribe(at(0))
    socket.publish('r', pub(1), pub(2))
    assert.deepEqual(got, [1, 2])
    assert.deepEqual(
      reported.map((error) => (error as Error).message),
      ['worse', 'worse'],
    )
  })

  test('that are added by a handler begin with the next publication', async () => {
    const { socket, room } = await open()
    const got: unknown[] = []
    const off = room.on('a', () => {
      off()
      room.on('a', (data) => got.push(data))
    })
    socket.publish('r', pub(1, 1, 'a'), pub(2, 2, 'a'))
    assert.deepEqual(got, [2])
  })
})
