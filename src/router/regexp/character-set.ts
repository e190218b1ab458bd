/** A set of code points: first and last of each range in turn, sorted, the ranges neither touching nor overlapping. */
export type CharacterSet = readonly number[]

export const LAST_CODE_POINT = 0x10ffff
const FIRST_SURROGATE = 0xd800
const LAST_SURROGATE = 0xdfff

export const DIGITS: CharacterSet = [0x30, 0x39]
export const WORD_CHARACTERS: CharacterSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a]
/** White space and line terminators (ECMA-262 section 22.2.2.9, CharacterClassEscape `s`). */
export const SPACES: CharacterSet = [
  0x09, 0x0d, 0x20, 0x20, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f,
  0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff,
]
export const LINE_TERMINATORS: CharacterSet = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029]

/** Sorts and merges ranges. */
export function union(ranges: readonly number[]): CharacterSet {
  const pairs: [number, number][] = []
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!])
  pairs.sort((a, b) => a[0] - b[0])
  const merged: number[] = []
  for (const [first, last] of pairs) {
    const end = merged.length - 1
    if (end > 0 && first <= merged[end]! + 1) merged[end] = Math.max(merged[end]!, last)
    else merged.push(first, last)
  }
  return merged
}

/** All code points that are not in a set. */
export function complement(set: CharacterSet): CharacterSet {
  const rest: number[] = []
  let next = 0
  for (let i = 0; i < set.length; i += 2) {
    if (set[i]! > next) rest.push(next, set[i]! - 1)
    next = set[i + 1]! + 1
  }
  if (next <= LAST_CODE_POINT) rest.push(next, LAST_CODE_POINT)
  return rest
}

const properties = new Map<string, CharacterSet | null>()

/**
 * The code points of a Unicode property such as `L` or `Script=Greek`; null when there is no such property.
 *
 * The tables are those of the JavaScript engine: it is asked once about every code point, some milliseconds.
 */
export function unicodeProperty(property: string): CharacterSet | null {
  let set = properties.get(property)
  if (set === undefined) {
    set = askEngine(property)
    // A handful of properties exists per program; names of none are not worth remembering.
    if (set !== null) properties.set(property, set)
  }
  return set
}

function askEngine(property: string): CharacterSet | null {
  let runs: RegExp
  try {
    runs = new RegExp(`\\p{${property}}+`, 'gu')
  } catch {
    return null
  }
  const ranges: number[] = []
  const blockSize = 0x800
  for (let block = 0; block <= LAST_CODE_POINT; block += blockSize) {
    if (block >= FIRST_SURROGATE && block <= LAST_SURROGATE) continue
    const unitsPerCodePoint = block > 0xffff ? 2 : 1
    const text = String.fromCodePoint(...Array.from({ length: blockSize }, (_, i) => block + i))
    for (const run of text.matchAll(runs)) {
      const first = block + run.index / unitsPerCodePoint
      ranges.push(first, first + run[0].length / unitsPerCodePoint - 1)
    }
  }
  return union(ranges)
}
