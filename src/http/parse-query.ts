import { GoWebError } from '../errors/goweb-error.ts'

/** Fields as forms and queries have them: a string, or an array of them where a name occurs more than once. */
export type Fields = Record<string, string | string[]>

/** Fields of one query. */
const MAX_FIELDS = 1_000

/**
 * Parses a query as a record without a prototype, for schemas.
 *
 * Decodes as `URLSearchParams` does (WHATWG URL section 5.1): `+` is a space, malformed escapes stay, malformed UTF-8
 * becomes U+FFFD.
 *
 * @param search without the `?` that begins a query; one that is there belongs to the first name.
 * @throws `QUERY_TOO_LONG` beyond 1,000 fields.
 */
export function parseQuery(search: string): Fields {
  const fields: Fields = Object.create(null) as Fields
  const { length } = search
  let count = 0
  for (let start = 0; start < length;) {
    let end = search.indexOf('&', start)
    if (end === -1) end = length
    if (end > start) {
      if (++count > MAX_FIELDS) {
        throw new GoWebError('QUERY_TOO_LONG', `The query has more than ${MAX_FIELDS} fields`)
      }
      const equals = search.indexOf('=', start)
      const nameEnd = equals === -1 || equals > end ? end : equals
      addField(fields, decode(search.slice(start, nameEnd)), decode(search.slice(nameEnd + 1, end)))
    }
    start = end + 1
  }
  return fields
}

/** The fields of a form as a record without a prototype. */
export function fieldsOf(form: URLSearchParams): Fields {
  const fields: Fields = Object.create(null) as Fields
  for (const [name, value] of form) addField(fields, name, value)
  return fields
}

function addField(fields: Fields, name: string, value: string): void {
  const current = fields[name]
  if (current === undefined) fields[name] = value
  else if (typeof current === 'string') fields[name] = [current, value]
  else current.push(value)
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced.toWellFormed()
  try {
    return decodeURIComponent(spaced).toWellFormed()
  } catch {
    // The lenient decoding of the standard, for the rare text that needs it.
    return new URLSearchParams(`=${text}`).get('') ?? ''
  }
}
