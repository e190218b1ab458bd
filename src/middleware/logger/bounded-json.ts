import { describeError } from './describe-error.ts'
import { REDACTED, type Redaction, type RedactionState } from './redaction.ts'

const MAX_DEPTH = 16
const MAX_ITEMS = 100
const MAX_STRING = 8_192
/** Rough length of a whole line; what comes later is cut. */
const MAX_LINE = 65_536
const MAX_BIGINT = 1n << 256n

// Not escaped by JSON, but line ends or controls to some terminals and viewers: DEL, C1, U+2028/2029, bidirectional marks.
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
const NEEDS_ESCAPE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/

/** A string as JSON, on one line whatever is in it, cut when it is very long. */
export function quote(text: string): string {
  if (text.length > MAX_STRING) text = `${text.slice(0, MAX_STRING)}… (${text.length} characters)`
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`
  return JSON.stringify(text).replaceAll(UNSAFE, escapeUnit)
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Writes values as JSON at bounded cost, whatever they are; never throws.
 *
 * Like `JSON.stringify`, besides: cycles, getters that throw, functions of `toJSON` that throw, BigInt, bytes, Map, Set and Error are
 * written as something readable; depth, items, strings and the whole are cut; secrets are replaced.
 */
export class BoundedJson {
  readonly #redaction: Redaction
  readonly #ancestors: object[] = []
  #left = MAX_LINE

  constructor(redaction: Redaction) {
    this.#redaction = redaction
  }

  /**
   * The members of an object as `,"name":value`, each with a comma before it.
   *
   * @param isTaken tells the names that the line has already; such a member gets an underscore behind its name, so that
   * fields which come from outside cannot pass for the logger's own.
   */
  members(fields: object, isTaken: (name: string) => boolean): string {
    this.#ancestors.push(fields)
    try {
      return this.#properties(fields, this.#redaction.start, (name) => (isTaken(name) ? `${name}_` : name))
    } catch {
      return ',"fields":"[Unreadable]"' // A proxy that does not even list its names.
    } finally {
      this.#ancestors.pop()
    }
  }

  #value(value: unknown, state: RedactionState): string | undefined {
    switch (typeof value) {
      case 'string':
        return this.#spent(quote(value))
      case 'number':
        return this.#spent(Number.isFinite(value) ? String(value) : 'null')
      case 'boolean':
        return this.#spent(String(value))
      case 'bigint':
        return this.#spent(-MAX_BIGINT < value && value < MAX_BIGINT ? String(value) : '"[BigInt]"')
      case 'object':
        return value === null ? this.#spent('null') : this.#object(value, state)
      default:
        return undefined
    }
  }

  #object(value: object, state: RedactionState): string | undefined {
    // Empty ones cost too: a few arrays that hold each other many times are a bomb.
    if (this.#left <= 0) return '"[cut]"'
    this.#left -= 2
    if (this.#ancestors.includes(value)) return '"[Circular]"'
    if (this.#ancestors.length >= MAX_DEPTH) return Array.isArray(value) ? '"[Array]"' : '"[Object]"'
    this.#ancestors.push(value)
    try {
      if (ArrayBuffer.isView(value)) return quote(`[${value.constructor.name} of ${value.byteLength} bytes]`)
      if (value instanceof ArrayBuffer) return quote(`[ArrayBuffer of ${value.byteLength} bytes]`)
      if ('toJSON' in value && typeof value.toJSON === 'function') return this.#value(value.toJSON(''), state)
      if (value instanceof Error) return this.#value(describeError(value), state)
      if (value instanceof Set) return this.#array(firstOf(value), value.size, state)
      if (value instanceof Map) return this.#value(Object.fromEntries(firstOf(value)), state)
      if (Array.isArray(value)) return this.#array(value.slice(0, MAX_ITEMS), value.length, state)
      return `{${this.#properties(value, state, same).slice(1)}}`
    } catch {
      return '"[Unreadable]"'
    } finally {
      this.#ancestors.pop()
    }
  }

  #array(items: readonly unknown[], length: number, state: RedactionState): string {
    const texts: string[] = []
    for (const [index, item] of items.entries()) {
      if (this.#left <= 0) break
      const inner = this.#redaction.enter(state, String(index))
      texts.push(inner === undefined ? `"${REDACTED}"` : (this.#value(item, inner) ?? 'null'))
    }
    if (texts.length < length) texts.push(quote(`… ${length - texts.length} more`))
    return `[${texts.join(',')}]`
  }

  #properties(value: object, state: RedactionState, rename: (name: string) => string): string {
    let text = ''
    let count = 0
    for (const name of Object.keys(value)) {
      if (count++ >= MAX_ITEMS || this.#left <= 0) return `${text},"…":"more"`
      const inner = this.#redaction.isSecretName(name) ? undefined : this.#redaction.enter(state, name)
      const member = inner === undefined ? `"${REDACTED}"` : this.#property(value, name, inner)
      if (member !== undefined) text += `,${this.#spent(quote(rename(name)))}:${member}`
    }
    return text
  }

  #property(value: object, name: string, state: RedactionState): string | undefined {
    let property: unknown
    try {
      property = (value as Readonly<Record<string, unknown>>)[name]
    } catch {
      return '"[Unreadable]"'
    }
    return this.#value(property, state)
  }

  #spent(text: string): string {
    this.#left -= text.length
    return text
  }
}

function firstOf<T>(values: Iterable<T>): T[] {
  const first: T[] = []
  for (const value of values) {
    if (first.length >= MAX_ITEMS) break
    first.push(value)
  }
  return first
}

function same(name: string): string {
  return name
}
