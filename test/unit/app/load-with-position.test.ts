import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadWithPosition } from '../../../src/app/channels/load-with-position.ts'
import type { ChannelPosition, Positioned } from '../../../src/chain/channel-access.ts'

/** Loads from a channel whose position is as given, read by read; data tells how many reads came before it. */
async function loadAt(
  maxLoads: number,
  ...positions: readonly ChannelPosition[]
): Promise<Positioned<number> & { readonly reads: number }> {
  let reads = 0
  const loaded = await loadWithPosition({
    readPosition: () => Promise.resolve(positions[reads++] ?? assert.fail('read too often')),
    load: () => Promise.resolve(reads),
    maxLoads,
  })
  return { ...loaded, reads }
}

const at = (offset: number, epoch = 'e'): ChannelPosition => ({ offset, epoch })

describe('loading with a position', () => {
  test('reads the position first, and gives it when the channel stood still', async () => {
    assert.deepEqual(await loadAt(3, at(4), at(4)), { data: 1, position: at(4), reads: 2 })
  })

  test('loads again when something was published meanwhile', async () => {
    assert.deepEqual(await loadAt(3, at(4), at(6), at(6)), { data: 2, position: at(6), reads: 3 })
  })

  test('loads again when the stream has begun anew, even at the same offset', async () => {
    assert.deepEqual(await loadAt(3, at(0), at(0, 'f'), at(0, 'f')), {
      data: 2,
      position: at(0, 'f'),
      reads: 3,
    })
  })

  test('gives the position before the last loading when the channel does not stand still', async () => {
    assert.deepEqual(await loadAt(3, at(1), at(2), at(3)), { data: 3, position: at(3), reads: 3 })
    assert.deepEqual(await loadAt(1, at(1)), { data: 1, position: at(1), reads: 1 })
  })

  test('rejects with what the loading or the reading rejects with', async () => {
    const failed = new Error('no database')
    const readPosition = (): Promise<ChannelPosition> => Promise.resolve(at(0))
    const load = (): never => {
      throw failed
    }
    await assert.rejects(loadWithPosition({ readPosition, load, maxLoads: 3 }), failed)
    await assert.rejects(
      loadWithPosition({ readPosition: () => Promise.reject(failed), load: () => 1, maxLoads: 3 }),
      failed,
    )
  })
})
