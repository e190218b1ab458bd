/** What a client takes, of what could be sent. */
export interface EncodingChoice {
  /** The content codings that it likes no less than identity, the best first. */
  readonly codings: readonly string[]
  /** Whether it refuses the content as it is (`identity;q=0`). */
  readonly refusesIdentity: boolean
}

const PLAIN: EncodingChoice = { codings: [], refusesIdentity: false }
const REMEMBERED_LENGTH = 100
const MAX_REMEMBERED = 64

// RFC 9110 section 12.4.2: at most three decimals.
const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i

/**
 * Chooses among content codings by Accept-Encoding (RFC 9110 section 12.5.3).
 *
 * The highest weight wins, the server's order among equals. Without the header, or with nothing in it that fits, there is no
 * coding. Members that are malformed are ignored. Choices are remembered, as browsers all send the same few headers.
 */
export class EncodingChooser {
  readonly #available: readonly string[]
  readonly #remembered: Map<string, EncodingChoice> = new Map()

  /** @param available codings in lower case, the preferred first. */
  constructor(available: readonly string[]) {
    this.#available = available
  }

  choose(header: string | undefined): EncodingChoice {
    if (header === undefined) return PLAIN
    const known = this.#remembered.get(header)
    if (known !== undefined) return known
    const choice = choose(parseWeights(header), this.#available)
    if (header.length <= REMEMBERED_LENGTH) {
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
      this.#remembered.set(header, choice)
    }
    return choice
  }
}

function choose(weights: ReadonlyMap<string, number>, available: readonly string[]): EncodingChoice {
  const wildcard = weights.get('*')
  const identity = weights.get('identity') ?? (wildcard === 0 ? 0 : undefined)
  const weightOfCoding = (coding: string): number => weights.get(coding) ?? wildcard ?? 0
  const codings = available
    // Identity that is not named is the last resort; named, it competes by its weight.
    .filter((coding) => weightOfCoding(coding) > 0 && weightOfCoding(coding) >= (identity ?? 0))
    .toSorted((a, b) => weightOfCoding(b) - weightOfCoding(a))
  return { codings, refusesIdentity: identity === 0 }
}

function parseWeights(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const member of header.split(',')) {
    const [name = '', ...parameters] = member.split(';').map((part) => part.trim())
    const weight = weightOf(parameters)
    if (name === '' || weight === undefined) continue
    const coding = name.toLowerCase()
    // RFC 9110 section 8.4.1.3: x-gzip is gzip.
    weights.set(coding === 'x-gzip' ? 'gzip' : coding, weight)
  }
  return weights
}

function weightOf(parameters: readonly string[]): number | undefined {
  const [weight] = parameters
  if (weight === undefined) return 1
  const value = parameters.length === 1 ? WEIGHT.exec(weight)?.[1] : undefined
  return value === undefined ? undefined : Number(value)
}
