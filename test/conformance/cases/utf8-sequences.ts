import { hex } from '../wire/bytes.ts'
import {
  CLEAN,
  INVALID_PAYLOAD,
  TEXT,
  failed,
  frame,
  get,
  reply,
  send,
  type ConformanceCase,
} from './conformance-case.ts'

/** Octets in hex, and whether they are UTF-8 as RFC 3629 defines it. */
type Sequence = readonly [octets: string, isUtf8: boolean]

const good = (...sequences: readonly string[]): Sequence[] => sequences.map((octets) => [octets, true])
const bad = (...sequences: readonly string[]): Sequence[] => sequences.map((octets) => [octets, false])

/** κόσμε: characters of two octets and one of three. */
const GREEK = 'cebae1bdb9cf83cebcceb5'
const GREEK_CHARACTER_ENDS = new Set([2, 5, 7, 9, 11])

/** Sequences that want one continuation octet more; the second five with the highest octets. */
const ONE_SHORT = 'c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf'.split(' ')

/** Sections 6.5 to 6.23 in order, after the well-known stress test for UTF-8 decoders. */
const GROUPS: readonly (readonly [about: string, sequences: readonly Sequence[]])[] = [
  [
    'text with a character of one, two, three and four octets, and Greek',
    good(
      '68656c6c6f24776f726c64',
      '68656c6c6fc2a2776f726c64',
      '68656c6c6fe282ac776f726c64',
      '68656c6c6ff0a4ada2776f726c64',
      GREEK,
    ),
  ],
  [
    'a prefix of Greek text',
    Array.from({ length: 11 }, (_, index): Sequence => [
      GREEK.slice(0, 2 * (index + 1)),
      GREEK_CHARACTER_ENDS.has(index + 1),
    ]),
  ],
  ['the first code point of a length', good('00', 'c280', 'e0a080', 'f0908080')],
  ['the first sequence of five and six octets', bad('f888808080', 'fc8480808080')],
  ['the last code point of a length', good('7f', 'dfbf', 'efbfbf', 'f48fbfbf')],
  ['the last sequence of four, five and six octets', bad('f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf')],
  ['a code point at a border', [...good('ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'), ...bad('f4908080')]],
  [
    'continuation octets with nothing before them',
    bad('80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf', allOctets(0x80, 0xbf, '')),
  ],
  [
    'first octets with a space instead of what must follow',
    bad(
      allOctets(0xc0, 0xdf, '20'),
      allOctets(0xe0, 0xef, '20'),
      allOctets(0xf0, 0xf7, '20'),
      allOctets(0xf8, 0xfb, '20'),
      allOctets(0xfc, 0xfd, '20'),
    ),
  ],
  ['a sequence that lacks its last octet', bad(...ONE_SHORT)],
  ['all of those one after the other', bad(ONE_SHORT.join(''))],
  ['octets that no sequence has', bad('fe', 'ff', 'fefeffff')],
  ['a slash in more octets than it needs', bad('c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af')],
  [
    'the highest code point that needs fewer octets',
    bad('c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'),
  ],
  ['NUL in more octets than it needs', bad('c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080')],
  ['a surrogate', bad('eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf')],
  [
    'a pair of surrogates',
    ['eda080', 'edadbf', 'edae80', 'edafbf'].flatMap((high) => bad(`${high}edb080`, `${high}edbfbf`)),
  ],
  ['a code point that is no character, which is allowed', good(...nonCharacters())],
  ['a special code point', good('efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf')],
]

/** Sections 6.5 to 6.23: one text message in one frame, echoed when it is UTF-8 and failed with 1007 when it is not. */
export const UTF8_SEQUENCES: readonly ConformanceCase[] = GROUPS.flatMap(([about, sequences], group) =>
  sequences.map(([octets, isUtf8], index): ConformanceCase => {
    const payload = hex(octets)
    return {
      id: `6.${group + 5}.${index + 1}`,
      sends: `Text: ${about}`,
      steps: isUtf8 ? [send(frame(TEXT, payload)), get(reply(TEXT, payload))] : [send(frame(TEXT, payload))],
      ending: isUtf8 ? CLEAN : failed(INVALID_PAYLOAD),
    }
  }),
)

/** The octets from `first` to `last`, each followed by `after`. */
function allOctets(first: number, last: number, after: string): string {
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i).toString(16) + after).join('')
}

/** U+FFFE and U+FFFF of the seventeen planes. */
function nonCharacters(): string[] {
  return Array.from({ length: 17 }, (_, plane) => [plane * 0x1_0000 + 0xfffe, plane * 0x1_0000 + 0xffff])
    .flat()
    .map((point) => Buffer.from(String.fromCodePoint(point)).toString('hex'))
}
