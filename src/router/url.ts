import { GoWebError } from '../errors/goweb-error.ts'
import { ENCODED_SLASH, hasDotSegment } from './path.ts'
import type { RouteEntry } from './route-entry.ts'
import type { Segment } from './segment.ts'

/** A value to put into a URL. */
export type UrlParamValue = string | number | bigint

type QueryValue = UrlParamValue | boolean

/** Options for building a URL. */
export interface UrlOptions {
  /** Whether to begin with scheme and host. Default false. */
  readonly absolute?: boolean | undefined
  /** Scheme of an absolute URL. Default that of the route, else `https`. */
  readonly scheme?: 'http' | 'https' | 'ws' | 'wss' | undefined
  /** Host of an absolute URL, with or without port, for routes that have no host pattern of their own. */
  readonly host?: string | undefined
  /** Port of an absolute URL for routes that have a host pattern. */
  readonly port?: number | undefined
  /** Query to append; a list gives a parameter several times, `undefined` leaves it out. */
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>> | undefined
}

type Params = Readonly<Record<string, UrlParamValue | undefined>>

const HOST = /^(?:[\w.-]+|\[[\dA-Fa-f:.]+\])(?::\d{1,5})?$/
const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'ws', 'wss'])
const HOST_VALUE = /^[a-z0-9_-]+$/

/** Builds a URL that a route matches, with the same params; throws `ROUTE_PARAM_INVALID`. */
export function buildUrl<T>(entry: RouteEntry<T>, params: Params, options: UrlOptions): string {
  return new UrlBuilder(entry, params).build(options)
}

class UrlBuilder<T> {
  readonly #entry: RouteEntry<T>
  readonly #params: Params

  constructor(entry: RouteEntry<T>, params: Params) {
    this.#entry = entry
    this.#params = params
    const { paramNames } = entry.route
    const unknown = Object.keys(params).find((name) => !paramNames.includes(name))
    if (unknown !== undefined) {
      const known = paramNames.length === 0 ? 'none' : paramNames.join(', ')
      throw this.#error(`it has no parameter ${JSON.stringify(unknown)}, but ${known}`)
    }
  }

  build(options: UrlOptions): string {
    const path = this.#path()
    const query = queryString(options.query)
    if (options.absolute === true)
      return `${this.#scheme(options)}://${this.#host(options)}${encodePath(path)}${query}`
    if (path.startsWith('//')) throw this.#error('it would start with "//", which means another host')
    return encodePath(path) + query
  }

  /** The path in canonical form. */
  #path(): string {
    let path = ''
    for (const token of this.#entry.pattern.tokens) {
      if (token.kind === 'text') path += token.text
      else if (token.kind === 'rest') path += this.#value(token.name)
      else if (token.kind === 'segment') path += this.#segment(token.segment)
    }
    if (hasDotSegment(path))
      throw this.#error('a value would make a "." or ".." segment, which no request may have')
    return path
  }

  #segment(segment: Segment): string {
    const values = segment.parts.map(({ name, regexp }) => {
      const value = this.#value(name)
      if (value === '') throw this.#error(`the value of ${name} is empty`)
      if (regexp !== null && !regexp.accepts(value, 0, value.length)) {
        throw this.#error(`${JSON.stringify(value)}, the value of ${name}, does not match ${regexp.source}`)
      }
      return value.replaceAll('/', ENCODED_SLASH)
    })
    const text = segment.parts.map(({ suffix }, i) => values[i]! + suffix).join('')
    const bounds: number[] = []
    const isSame =
      segment.match(text, 0, text.length, bounds, 0) &&
      values.every((value, i) => text.slice(bounds[2 * i], bounds[2 * i + 1]) === value)
    if (!isSame) {
      const names = segment.parts.map(({ name }) => name).join(' and ')
      throw this.#error(
        `the values of ${names} would not be read back as they are: one contains what separates them`,
      )
    }
    return text
  }

  #value(name: string): string {
    const value = Object.hasOwn(this.#params, name) ? this.#params[name] : undefined
    if (value === undefined) throw this.#error(`the parameter ${name} is missing`)
    if (typeof value !== 'string' && typeof value !== 'bigint' && !Number.isFinite(value)) {
      throw this.#error(`the value of ${name} must be a string or a finite number, not ${typeof value}`)
    }
    const text = String(value)
    if (text.includes('\0') || !text.isWellFormed()) {
      throw this.#error(`the value of ${name} contains NUL or a lone surrogate`)
    }
    return text
  }

  #scheme(options: UrlOptions): string {
    const scheme = options.scheme ?? this.#entry.condition?.scheme ?? 'https'
    if (!SCHEMES.has(scheme))
      throw this.#error(`the scheme must be http, https, ws or wss, not ${JSON.stringify(scheme)}`)
    return scheme
  }

  #host({ host, port }: UrlOptions): string {
    const pattern = this.#entry.condition?.host ?? null
    if (pattern === null) {
      if (host === undefined || !HOST.test(host)) {
        throw this.#error(
          `an absolute URL needs the option host, such as "example.com", not ${JSON.stringify(host)}`,
        )
      }
      return host
    }
    const labels = pattern.labels.map(({ prefix, segment }) => {
      if (segment === null) return prefix
      for (const { name } of segment.parts) {
        if (!HOST_VALUE.test(this.#value(name))) {
          throw this.#error(
            `the value of ${name} must consist of lower-case letters, digits, "-" and "_" to be part of a host`,
          )
        }
      }
      return prefix + this.#segment(segment)
    })
    if (port === undefined) return labels.join('.')
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw this.#error(`${port} is not a port`)
    return `${labels.join('.')}:${port}`
  }

  #error(problem: string): GoWebError {
    const { name, pattern } = this.#entry.route
    return new GoWebError(
      'ROUTE_PARAM_INVALID',
      `Cannot build a URL for the route ${JSON.stringify(name)} (${pattern}): ${problem}`,
    )
  }
}

/** Encodes all but the characters that RFC 3986 section 3.3 allows in a path. */
function encodePath(canonical: string): string {
  return encodeURI(canonical).replaceAll('?', '%3F').replaceAll('#', '%23').replaceAll('%00', '%2F')
}

function queryString(query: UrlOptions['query'] = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? (value as readonly QueryValue[]) : [value as QueryValue | undefined]
    for (const item of values) {
      if (item !== undefined) search.append(name, String(item))
    }
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
