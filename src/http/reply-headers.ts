import { GoWebError } from '../errors/goweb-error.ts'

// RFC 9110 section 5.6.2 (token) and 5.5 (field-value: no control characters except tab; obs-text allowed).
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Headers of a reply: names in any case, kept in lower case, in insertion order.
 *
 * @throws `HEADER_INVALID` for a name that is no token or a value with control characters (RFC 9110 section 5.5), which
 * is how response splitting is refused.
 */
export class ReplyHeaders implements Iterable<[name: string, value: string]> {
  readonly #values: Map<string, string | string[]> = new Map()

  /** The value, several joined by `, `; undefined when absent. */
  get(name: string): string | undefined {
    const value = this.#values.get(name.toLowerCase())
    return typeof value === 'object' ? value.join(', ') : value
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase())
  }

  /** Replaces every value of the header. */
  set(name: string, value: string): this {
    this.#values.set(checkedName(name), checkedValue(name, value))
    return this
  }

  /** Adds a value; `set-cookie` stays one line a value, others are joined when sent. */
  append(name: string, value: string): this {
    const key = checkedName(name)
    const added = checkedValue(name, value)
    const current = this.#values.get(key)
    if (current === undefined) this.#values.set(key, added)
    else if (typeof current === 'string') this.#values.set(key, [current, added])
    else current.push(added)
    return this
  }

  delete(name: string): boolean {
    return this.#values.delete(name.toLowerCase())
  }

  /** One pair a header line: `set-cookie` once for each value, other headers joined. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    for (const [name, value] of this.#values) {
      if (typeof value === 'string') yield [name, value]
      else if (name === 'set-cookie') for (const line of value) yield [name, line]
      else yield [name, value.join(', ')]
    }
  }
}

function checkedName(name: string): string {
  if (!NAME.test(name)) {
    throw new GoWebError(
      'HEADER_INVALID',
      `Header name ${JSON.stringify(name)} is not a token (RFC 9110 section 5.6.2)`,
    )
  }
  return name.toLowerCase()
}

function checkedValue(name: string, value: string): string {
  assertHeaderValue(name, value)
  return value
}

/** @throws `HEADER_INVALID` for a value with control characters or beyond latin1. */
export function assertHeaderValue(name: string, value: string): void {
  if (!VALUE.test(value)) {
    throw new GoWebError(
      'HEADER_INVALID',
      `The value of header ${name} has control or non-latin1 characters; encode it (RFC 9110 section 5.5)`,
    )
  }
}
