import type { DeflateOffer } from '../wire/deflate-agreement.ts'
import type { EchoCase, EchoGroup } from './echo-case.ts'
import {
  BITMAP_DATA,
  DOCUMENT_DATA,
  HTML_DATA,
  JSON_DATA,
  PROSE_DATA,
  type SampleData,
} from './sample-data.ts'

/** Sizes of messages, and of the fragments that they are sent in. */
const SIZES: readonly (readonly [payloadBytes: number, fragmentBytes?: number])[] = [
  [16],
  [64],
  [256],
  [1_024],
  [4_096],
  [8_192],
  [16_384],
  [32_768],
  [65_536],
  [131_072],
  [8_192, 256],
  [16_384, 256],
  [32_768, 256],
  [65_536, 256],
  [131_072, 256],
  [131_072, 1_024],
  [131_072, 4_096],
  [131_072, 32_768],
]

const PLAIN_OFFER: DeflateOffer = { serverNoContextTakeover: false }

/** Section 12: kinds of data that compress well, badly and not at all. */
export const COMPRESSED_PAYLOADS: readonly EchoGroup[] = [
  JSON_DATA,
  BITMAP_DATA,
  PROSE_DATA,
  HTML_DATA,
  DOCUMENT_DATA,
].map((data, index) => groupOf(`12.${index + 1}`, data, [PLAIN_OFFER]))

/** Section 13: the parameters that a client can ask for. */
export const COMPRESSION_PARAMETERS: readonly EchoGroup[] = (
  [
    [PLAIN_OFFER],
    [{ serverNoContextTakeover: true }],
    [{ serverNoContextTakeover: false, serverMaxWindowBits: 9 }],
    [{ serverNoContextTakeover: false, serverMaxWindowBits: 15 }],
    [{ serverNoContextTakeover: true, serverMaxWindowBits: 9 }],
    [{ serverNoContextTakeover: true, serverMaxWindowBits: 15 }],
    [
      { serverNoContextTakeover: true, serverMaxWindowBits: 9 },
      { serverNoContextTakeover: true },
      PLAIN_OFFER,
    ],
  ] satisfies DeflateOffer[][]
).map((offers, index) => ({
  ...groupOf(`13.${index + 1}`, JSON_DATA, offers),
  title: `offers ${offers.map(showWishes).join(', then ')}`,
}))

function groupOf(id: string, data: SampleData, offers: readonly DeflateOffer[]): EchoGroup {
  const cases = SIZES.map(([payloadBytes, fragmentBytes], index): EchoCase => ({
    id: `${id}.${index + 1}`,
    isText: data.isText,
    payloadBytes,
    messages: 1000,
    ...(fragmentBytes !== undefined && { fragmentBytes }),
    offers,
    payload: (message) => slice(data.bytes, message * payloadBytes, payloadBytes),
  }))
  return { id, title: data.title, cases }
}

/** What an offer asks of the server. */
function showWishes({ serverNoContextTakeover, serverMaxWindowBits }: DeflateOffer): string {
  const wishes = [
    serverNoContextTakeover ? 'no takeover' : '',
    serverMaxWindowBits === undefined ? '' : `a window of ${serverMaxWindowBits} bits`,
  ].filter((wish) => wish !== '')
  return wishes.length === 0 ? 'without a wish' : `with ${wishes.join(' and ')}`
}

/** So many octets from a position on; the end is followed by the beginning. */
function slice(bytes: Buffer, from: number, length: number): Buffer {
  const start = from % bytes.length
  const first = bytes.subarray(start, start + length)
  return Buffer.concat([first, bytes.subarray(0, length - first.length)])
}
