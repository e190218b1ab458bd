import type { HttpContext } from '../../http/http-context.ts'
import { show, type OptionReader } from '../options/option-reader.ts'

/** Which origins are allowed: see the option `origin` of `cors`. */
export type CorsOrigin =
  | string
  | RegExp
  | readonly (string | RegExp)[]
  | ((origin: string, c: HttpContext) => boolean | Promise<boolean>)

/** The compiled form of a {@link CorsOrigin}. */
export interface OriginRule {
  /** Whether everybody is allowed. */
  readonly isOpen: boolean
  allows(origin: string, c: HttpContext): boolean | Promise<boolean>
}

// RFC 6454 section 6.2, with schemes such as `capacitor` that the URL class gives no origin.
const SERIALIZED = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\]+$/

/** Compiles the option `origin`, refusing what no browser would ever send. */
export function originRule(read: OptionReader, credentials: boolean): OriginRule {
  const option = read.raw('origin')
  if (typeof option === 'function') {
    const decide = option as (origin: string, c: HttpContext) => boolean | Promise<boolean>
    return { isOpen: false, allows: decide }
  }
  const items: readonly unknown[] = Array.isArray(option) ? option : [option]
  const names = new Set<string>()
  const patterns: RegExp[] = []
  for (const item of items) {
    if (item instanceof RegExp) patterns.push(wholeMatch(item))
    else names.add(checkedOrigin(read, item, credentials))
  }
  if (names.size === 0 && patterns.length === 0)
    read.refuse('origin', 'at least one origin', 'the list is empty')
  if (names.has('*')) {
    if (items.length > 1) read.refuse('origin', "'*' alone or a list of origins", "'*' is among others")
    return { isOpen: true, allows: () => true }
  }
  return {
    isOpen: false,
    allows: (origin) => names.has(origin) || patterns.some((pattern) => pattern.test(origin)),
  }
}

/** Anchored, so that `/example\.com/` does not allow `https://example.com.evil.net`; without the flags that keep state. */
function wholeMatch(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replaceAll(/[gmy]/g, ''))
}

function checkedOrigin(read: OptionReader, item: unknown, credentials: boolean): string {
  if (item === '*') {
    if (credentials) {
      read.refuse(
        'origin',
        'the origins that may send cookies',
        "browsers refuse '*' when credentials are allowed",
      )
    }
    return item
  }
  if (item === 'null') {
    // Sandboxed frames and local files all send it, so it names nobody.
    if (credentials)
      read.refuse('origin', 'the origins that may send cookies', "any page can have the origin 'null'")
    return item
  }
  if (typeof item !== 'string' || !isOrigin(item)) {
    const hint = "an origin such as 'https://app.example.com', without path or trailing slash, in lower case"
    read.refuse('origin', `${hint}; or a RegExp, a list, a function or '*'`, `got ${show(item)}`)
  }
  return item
}

function isOrigin(text: string): boolean {
  if (!SERIALIZED.test(text)) return false
  if (!/^(?:https?|wss?|ftp):/.test(text)) return true
  // For these the URL class knows the one right spelling: no default port, no capitals, punycode.
  return URL.canParse(text) && new URL(text).origin === text
}
