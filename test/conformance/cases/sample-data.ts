import { Random } from '../../fuzz/random.ts'

/** Data that compresses as its kind does. */
export interface SampleData {
  readonly title: string
  readonly isText: boolean
  readonly bytes: Buffer
}

const ENOUGH_BYTES = 262_144
const SYLLABLES = [
  'ba',
  'der',
  'und',
  'ge',
  'lich',
  'en',
  'schö',
  'wär',
  'fluß',
  'mo',
  'ri',
  'ten',
  'ach',
  'zu',
  'keit',
  'sie',
]

/** Made anew in each run from a seed: the same bytes always, and nobody's work. */
export const JSON_DATA: SampleData = textSample(
  'JSON',
  1,
  (random) => `${JSON.stringify(makeRecord(random))},\n`,
)
export const HTML_DATA: SampleData = textSample('HTML', 2, makeRow)
export const BITMAP_DATA: SampleData = { title: 'a bitmap', isText: false, bytes: makeBitmap(512) }
export const PROSE_DATA: SampleData = {
  ...textSample('prose with umlauts', 4, (random) => `${sentence(random)} `),
  isText: false,
}
export const DOCUMENT_DATA: SampleData = {
  title: 'a document with packed parts',
  isText: false,
  bytes: makeDocument(),
}

function textSample(title: string, seed: number, make: (random: Random) => string): SampleData {
  const random = new Random(seed)
  const parts: string[] = []
  for (let length = 0; length < ENOUGH_BYTES;) {
    const part = make(random)
    parts.push(part)
    length += part.length
  }
  return { title, isText: true, bytes: Buffer.from(parts.join('')) }
}

function makeRecord(random: Random): object {
  return {
    id: random.below(1_000_000),
    name: ascii(sentence(random).slice(0, 20)),
    isActive: random.chance(2),
    score: random.below(10_000) / 100,
    tags: Array.from({ length: random.below(4) }, () => ascii(word(random))),
    position: { lat: random.below(180) - 90, lon: random.below(360) - 180 },
  }
}

function makeRow(random: Random): string {
  const cells = Array.from(
    { length: 4 },
    () => `    <td class="c${random.below(5)}">${ascii(word(random))}</td>\n`,
  )
  return `  <tr id="row-${random.below(100_000)}">\n${cells.join('')}  </tr>\n`
}

/** Grey levels that change slowly, with a little noise. */
function makeBitmap(width: number): Buffer {
  const random = new Random(3)
  const pixels = Buffer.alloc(width * width)
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      pixels[y * width + x] = 128 + 80 * Math.sin(x / 40) * Math.cos(y / 60) + random.below(8)
    }
  }
  return pixels
}

/** Text and data that nothing can compress, by turns. */
function makeDocument(): Buffer {
  const random = new Random(5)
  const parts: Uint8Array[] = []
  for (let object = 1; object <= 60; object++) {
    parts.push(Buffer.from(`${object} 0 obj << /Length ${object} >> stream\n${sentence(random)}\n`))
    parts.push(random.bytes(2_000 + random.below(6_000)), Buffer.from('\nendstream endobj\n'))
  }
  return Buffer.concat(parts)
}

function sentence(random: Random): string {
  const words = Array.from({ length: 4 + random.below(12) }, () => word(random))
  return `${words.join(' ')}.`
}

/** Short words are frequent, as in any language. */
function word(random: Random): string {
  const syllables = Array.from({ length: 1 + random.below(1 + random.below(4)) }, () =>
    random.pick(random.chance(3) ? SYLLABLES : SYLLABLES.slice(0, 4)),
  )
  return syllables.join('')
}

function ascii(text: string): string {
  return text.replaceAll('ö', 'o').replaceAll('ä', 'a').replaceAll('ß', 'ss')
}
