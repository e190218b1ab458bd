import type { ReadonlyCookies } from '../chain/base-context.ts'
import { parseCookies } from './parse-cookies.ts'
import { requiresSecure, serializeCookie, type CookieOptions } from './serialize-cookie.ts'

/**
 * The cookies of one request, and those to set with its answer.
 *
 * Reading gives what the request sent, also after `set`. Parsed on first use; reading throws `COOKIES_TOO_LARGE` beyond
 * 64 KiB or 500 cookies.
 *
 * @example
 * c.cookies.set('session', id, { maxAgeSeconds: 86_400 })   // HttpOnly, SameSite=Lax, Path=/, Secure over https
 */
export class Cookies implements ReadonlyCookies {
  readonly #header: string | undefined
  readonly #addSetCookie: (line: string) => void
  readonly #isSecure: boolean
  #parsed: ReadonlyMap<string, string> | undefined

  /**
   * @param addSetCookie takes the value of each Set-Cookie header.
   * @param isSecure whether the request came over TLS: the default of `secure`.
   */
  constructor(header: string | undefined, addSetCookie: (line: string) => void, isSecure = false) {
    this.#header = header
    this.#addSetCookie = addSetCookie
    this.#isSecure = isSecure
  }

  get(name: string): string | undefined {
    return this.#all().get(name)
  }

  entries(): IterableIterator<[name: string, value: string]> {
    return this.#all().entries()
  }

  /**
   * Sets a cookie with the answer; of two with one name, path and domain the browser keeps the later.
   *
   * @throws `COOKIE_INVALID` for what a browser would drop in silence.
   */
  set(name: string, value: string, options: CookieOptions = {}): void {
    const secure = options.secure ?? (this.#isSecure || requiresSecure(name, options))
    this.#addSetCookie(serializeCookie(name, value, { ...options, secure }))
  }

  /** Deletes a cookie; give the `path` and `domain` that it was set with. */
  delete(name: string, options: Omit<CookieOptions, 'maxAgeSeconds' | 'expires'> = {}): void {
    this.set(name, '', { ...options, maxAgeSeconds: 0, expires: new Date(0) })
  }

  #all(): ReadonlyMap<string, string> {
    return (this.#parsed ??= parseCookies(this.#header ?? ''))
  }
}
