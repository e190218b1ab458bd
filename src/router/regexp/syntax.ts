import {
  complement,
  DIGITS,
  LAST_CODE_POINT,
  LINE_TERMINATORS,
  SPACES,
  unicodeProperty,
  union,
  WORD_CHARACTERS,
  type CharacterSet,
} from './character-set.ts'

/** Syntax tree of a regular expression without any construct that needs backtracking. */
export type RegExpTree =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence'; readonly items: readonly RegExpTree[] }
  | { readonly kind: 'choice'; readonly options: readonly RegExpTree[] }
  | { readonly kind: 'repeat'; readonly item: RegExpTree; readonly min: number; readonly max: number }

/** Reports a problem at an offset into the source; never returns. */
export type RegExpFailure = (offset: number, problem: string) => never

const MAX_REPEAT = 1_000
const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }
const SYNTAX_CHARACTERS = '^$\\.*+?()[]{}|/-'

/**
 * Parses the part of JavaScript's regular expressions (flag `u`) that describes a regular language.
 *
 * Refused with a reason: assertions (`^ $ \b` and lookaround), back-references, modifiers and named escapes.
 * Groups capture nothing; lazy quantifiers mean the same as greedy ones, because all of a value must match.
 */
export function parseRegExp(source: string, fail: RegExpFailure): RegExpTree {
  return new RegExpParser(source, fail).parse()
}

class RegExpParser {
  readonly #source: string
  readonly #fail: RegExpFailure
  #at = 0

  constructor(source: string, fail: RegExpFailure) {
    this.#source = source
    this.#fail = fail
  }

  parse(): RegExpTree {
    const tree = this.#choice()
    if (this.#at < this.#source.length) this.#fail(this.#at, 'there is no "(" for this ")"')
    return tree
  }

  #choice(): RegExpTree {
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    return options.length === 1 ? options[0]! : { kind: 'choice', options }
  }

  #sequence(): RegExpTree {
    const items: RegExpTree[] = []
    while (this.#at < this.#source.length && !this.#sees('|') && !this.#sees(')')) {
      items.push(this.#quantified(this.#atom()))
    }
    return items.length === 1 ? items[0]! : { kind: 'sequence', items }
  }

  #atom(): RegExpTree {
    const start = this.#at
    const character = this.#next()
    switch (character) {
      case '.':
        return { kind: 'set', set: complement(LINE_TERMINATORS) }
      case '[':
        return { kind: 'set', set: this.#class(start) }
      case '(':
        return this.#group(start)
      case '\\':
        return { kind: 'set', set: this.#escape(start) }
      case '^':
      case '$':
        return this.#fail(start, `"${character}" is not needed: a value always matches as a whole`)
      case '*':
      case '+':
      case '?':
      case '{':
        return this.#fail(start, `there is nothing that "${character}" could repeat`)
      case ']':
      case '}':
        return this.#fail(start, `write "\\${character}" for a literal "${character}"`)
      default:
        return { kind: 'set', set: single(character) }
    }
  }

  #group(start: number): RegExpTree {
    if (this.#take('?') && !this.#take(':')) {
      const name = /^<[\p{ID_Start}_$][\p{ID_Continue}$]*>/u.exec(this.#source.slice(this.#at))
      if (name === null) {
        this.#fail(start, 'lookahead, lookbehind and modifiers are not supported; use "(…)" or "(?:…)"')
      }
      this.#at += name[0].length
    }
    const tree = this.#choice()
    if (!this.#take(')')) this.#fail(start, 'there is no ")" for this "("')
    return tree
  }

  #quantified(item: RegExpTree): RegExpTree {
    const start = this.#at
    let min = 0
    let max = Infinity
    if (this.#take('+')) min = 1
    else if (this.#take('?')) max = 1
    else if (this.#sees('{')) [min, max] = this.#counts(start)
    else if (!this.#take('*')) return item
    this.#take('?')
    return { kind: 'repeat', item, min, max }
  }

  #counts(start: number): [number, number] {
    const counts = /^\{(\d{1,9})(,?)(\d{0,9})\}/.exec(this.#source.slice(start))
    if (counts === null) return this.#fail(start, 'expected {n}, {n,} or {n,m}')
    this.#at += counts[0].length
    const min = Number(counts[1])
    const max = counts[2] === '' ? min : counts[3] === '' ? Infinity : Number(counts[3])
    if (counts[2] === '' && counts[3] !== '') this.#fail(start, 'expected {n}, {n,} or {n,m}')
    if (max < min) this.#fail(start, 'the greater count comes first')
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) {
      this.#fail(start, `a count is greater than ${MAX_REPEAT}`)
    }
    return [min, max]
  }

  #class(start: number): CharacterSet {
    const isNegated = this.#take('^')
    const ranges: number[] = []
    while (!this.#take(']')) {
      if (this.#at >= this.#source.length) this.#fail(start, 'there is no "]" for this "["')
      const itemStart = this.#at
      const item = this.#classItem()
      if (this.#sees('-') && this.#source[this.#at + 1] !== ']') {
        this.#at++
        const last = this.#classItem()
        if (!isSingle(item) || !isSingle(last) || last[0]! < item[0]!) {
          this.#fail(itemStart, 'this is not a range from one character to a later one')
        }
        ranges.push(item[0]!, last[0]!)
      } else {
        ranges.push(...item)
      }
    }
    if (ranges.length === 0) this.#fail(start, 'the class is empty')
    return isNegated ? complement(union(ranges)) : union(ranges)
  }

  #classItem(): CharacterSet {
    const start = this.#at
    const character = this.#next()
    return character === '\\' ? this.#escape(start) : single(character)
  }

  #escape(start: number): CharacterSet {
    const character = this.#next()
    switch (character) {
      case 'd':
        return DIGITS
      case 'D':
        return complement(DIGITS)
      case 'w':
        return WORD_CHARACTERS
      case 'W':
        return complement(WORD_CHARACTERS)
      case 's':
        return SPACES
      case 'S':
        return complement(SPACES)
      case 'p':
        return this.#property(start)
      case 'P':
        return complement(this.#property(start))
      case 'x':
        return this.#hexadecimal(start, /^[0-9A-Fa-f]{2}/)
      case 'u':
        return this.#hexadecimal(start, /^[0-9A-Fa-f]{4}|^\{[0-9A-Fa-f]{1,6}\}/)
    }
    const control = Object.hasOwn(CONTROL_ESCAPES, character) ? CONTROL_ESCAPES[character] : undefined
    if (control !== undefined) return [control, control]
    if (character !== '' && SYNTAX_CHARACTERS.includes(character)) return single(character)
    return this.#fail(start, `"\\${character}" is not supported`)
  }

  #property(start: number): CharacterSet {
    const name = /^\{([A-Za-z0-9_=]+)\}/.exec(this.#source.slice(this.#at))
    const set = name === null ? null : unicodeProperty(name[1]!)
    if (name === null || set === null) return this.#fail(start, 'this is not a Unicode property')
    this.#at += name[0].length
    return set
  }

  #hexadecimal(start: number, form: RegExp): CharacterSet {
    const digits = form.exec(this.#source.slice(this.#at))
    if (digits === null) return this.#fail(start, 'expected \\xHH, \\uHHHH or \\u{H…}')
    this.#at += digits[0].length
    const codePoint = Number.parseInt(digits[0].replace('{', ''), 16)
    if (codePoint === 0 || codePoint > LAST_CODE_POINT || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
      this.#fail(start, 'no value contains this code point')
    }
    return [codePoint, codePoint]
  }

  /** The next code point as a string; '' at the end. */
  #next(): string {
    const codePoint = this.#source.codePointAt(this.#at)
    if (codePoint === undefined) return ''
    const character = String.fromCodePoint(codePoint)
    this.#at += character.length
    return character
  }

  #sees(character: string): boolean {
    return this.#source[this.#at] === character
  }

  #take(character: string): boolean {
    if (!this.#sees(character)) return false
    this.#at++
    return true
  }
}

function single(character: string): CharacterSet {
  const codePoint = character.codePointAt(0)!
  return [codePoint, codePoint]
}

function isSingle(set: CharacterSet): boolean {
  return set.length === 2 && set[0] === set[1]
}
