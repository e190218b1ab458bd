import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib'
import { concat } from '../unit/websocket/client-frame.ts'
import { closeFrame, controlFrame, fragmented, text } from './frame-streams.ts'
import type { Random } from './random.ts'

const RSV1 = 4
const WINDOW_BYTES = 32_768
const FLUSH_END_BYTES = 4

/** A stream of a client that deflates most of its messages (RFC 7692). */
export function deflatedStream(random: Random, hasTakeover: boolean): Uint8Array {
  return makeStream(random, hasTakeover, (deflated) => deflated)
}

/** The same with deflated data that is broken, before it was put into frames. */
export function brokenDeflatedStream(random: Random, hasTakeover: boolean): Uint8Array {
  return makeStream(random, hasTakeover, (deflated) =>
    random.chance(2) ? breakData(deflated, random) : deflated,
  )
}

function makeStream(
  random: Random,
  hasTakeover: boolean,
  change: (deflated: Uint8Array) => Uint8Array,
): Uint8Array {
  let history: Uint8Array = new Uint8Array(0)
  const parts: Uint8Array[] = []
  for (let left = 1 + random.below(4); left > 0; left--) {
    if (random.chance(4)) parts.push(controlFrame(random))
    const [opcode, payload] = makePayload(random)
    if (random.chance(4)) {
      parts.push(fragmented(random, opcode, payload))
      continue
    }
    const deflated = deflate(random, payload, hasTakeover ? history : undefined)
    if (hasTakeover) history = concat(history, payload).subarray(-WINDOW_BYTES)
    parts.push(fragmented(random, opcode, change(deflated), RSV1))
  }
  if (random.chance(4)) parts.push(closeFrame(random), random.bytes(random.below(20)))
  return concat(...parts)
}

function makePayload(random: Random): readonly [opcode: number, payload: Uint8Array] {
  // More than is allowed, in few octets.
  if (random.chance(30)) return [2, new Uint8Array(3_990 + random.below(8_000))]
  // Some that is no UTF-8.
  if (random.chance(30)) return [1, concat(text(random), random.bytes(3))]
  if (random.chance(2)) return [1, text(random)]
  const some = random.bytes(random.below(60))
  return [
    2,
    concat(...Array.from({ length: random.below(9) }, () => some.subarray(random.below(some.length + 1)))),
  ]
}

/** What a client may make of a payload: any level, any strategy, blocks ended early. */
function deflate(random: Random, payload: Uint8Array, history: Uint8Array | undefined): Uint8Array {
  const options: ZlibOptions = {
    level: random.pick([0, 1, 6, 9]),
    strategy: random.pick([constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_FIXED]),
    ...(history !== undefined && history.length > 0 && { dictionary: history }),
  }
  // RFC 7692 section 7.2.3.4. Not with takeover: ws forgets what came before a last block.
  if (history === undefined && random.chance(10))
    return concat(deflateRawSync(payload, options), Uint8Array.of(0))
  const flushed = deflateRawSync(payload, { ...options, finishFlush: constants.Z_SYNC_FLUSH })
  return flushed.subarray(0, -FLUSH_END_BYTES)
}

function breakData(deflated: Uint8Array, random: Random): Uint8Array {
  const result = deflated.slice()
  const at = random.below(result.length)
  switch (random.below(5)) {
    case 0:
      result[at] = random.below(256)
      return result
    case 1:
      result[at]! ^= 1 << random.below(8)
      return result
    case 2:
      return result.subarray(0, at)
    case 3:
      return concat(result, random.bytes(1 + random.below(8)))
    default:
      return concat(result.subarray(0, at), random.bytes(1 + random.below(3)), result.subarray(at))
  }
}
