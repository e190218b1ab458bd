import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Next } from '../chain/middleware.ts'
import { defineMiddleware } from '../http/define-middleware.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { HttpMiddleware } from '../http/http-middleware.ts'
import type { Reply } from '../http/reply.ts'
import { cancelBody } from './body/cancel-body.ts'
import { OptionReader, show } from './options/option-reader.ts'
import { isNavigation } from './static/is-navigation.ts'
import { requestTarget } from './static/request-target.ts'
import { StaticFiles, type PrecompressedCoding } from './static/static-files.ts'

export type { PrecompressedCoding } from './static/static-files.ts'

/** Options of {@link serveStatic}. */
export interface StaticOptions {
  /** Path under which the files are, as the client sees it, mount prefixes included: `/assets`. Default: none. */
  readonly prefix?: string
  /** File that answers for a directory, or `false` for none. Default: `index.html`. */
  readonly index?: string | false
  /**
   * File below the root that answers page views which nothing else answers, for apps that route in the browser. Only GET and HEAD
   * by a browser that wants HTML, and only names without an extension. Default: none.
   */
  readonly fallback?: string
  /**
   * Whether to look for `app.js.br`, `app.js.zst` and `app.js.gz` beside `app.js`, or which, the preferred first. Default: false.
   */
  readonly precompressed?: boolean | readonly PrecompressedCoding[]
  /** Cache-Control. Default: `no-cache`, kept but asked about each time. */
  readonly cacheControl?: string
  /**
   * Files whose name changes with their content, by their path below the root (`assets/app-3f2a.js`); they get
   * `public, max-age=31536000, immutable`. Default: none.
   */
  readonly immutable?: RegExp | ((path: string) => boolean)
  /** Whether a directory without trailing slash is redirected to the one with it. Default: true. */
  readonly redirect?: boolean
  /** Whether names that begin with a dot are served, besides `/.well-known`. Default: false. */
  readonly allowDotfiles?: boolean
  /** Whether a file wins over a route of the same path, as it must beside a route for all paths. Default: false. */
  readonly overridesRoutes?: boolean
  /** Whether the rest of the app is asked when there is no file, instead of answering 404. Default: true. */
  readonly fallthrough?: boolean
}

const KNOWN = [
  'prefix',
  'index',
  'fallback',
  'precompressed',
  'cacheControl',
  'immutable',
  'redirect',
  'allowDotfiles',
  'overridesRoutes',
  'fallthrough',
]
const CODINGS: readonly PrecompressedCoding[] = ['br', 'zstd', 'gzip']
const PREFIX = /^(?:\/[^/?#{}%\\]+)+$/
const RELATIVE_FILE = /^(?![/\\])[^\0\\]+$/
const HEADER_VALUE = /^[\t\x20-\x7e]+$/

/**
 * Serves files of a directory: types, 304, ranges, index files, precompressed files.
 *
 * A request that a route takes passes by without a look at the disk, so add it anywhere; of the rest, GET and HEAD get a file
 * when there is one. Nothing outside of the root is served: no `..` in any encoding, no link that leads out, no device; nor
 * dotfiles. A route for all paths takes every request: see `overridesRoutes`.
 *
 * @param root directory; a relative one is below the working directory, so better give a URL:
 * `new URL('./public/', import.meta.url)`.
 * @throws `STATIC_OPTIONS_INVALID` when constructed with wrong options or a root that is no directory; `NOT_FOUND` with
 * `fallthrough: false`; `PRECONDITION_FAILED`, `RANGE_NOT_SATISFIABLE` as the request asks.
 * @example
 * app.use(serveStatic(new URL('./public/', import.meta.url), { immutable: /^assets\//, precompressed: true }))
 */
export function serveStatic(root: string | URL, options?: StaticOptions): HttpMiddleware {
  const read = new OptionReader('serveStatic', 'STATIC_OPTIONS_INVALID', options, KNOWN)
  const files = new StaticFiles({
    root: checkedRoot(root),
    index: read.raw('index') === false ? false : (fileOption(read, 'index') ?? 'index.html'),
    precompressed: codingsOf(read),
    cacheControl: cacheControlOf(read),
    isImmutable: immutableRule(read),
    redirect: read.boolean('redirect', true),
    allowDotfiles: read.boolean('allowDotfiles', false),
  })
  const prefix = prefixOf(read)
  const overridesRoutes = read.boolean('overridesRoutes', false)
  const fallsThrough = read.boolean('fallthrough', true)
  const fallback = fileOption(read, 'fallback')

  const middleware = defineMiddleware(['http'], async (c: HttpContext, next: Next<Reply>): Promise<Reply> => {
    if (c.method !== 'GET' && c.method !== 'HEAD') return next()
    const isMiss = c.route === ''
    if (!isMiss && !overridesRoutes) return next()
    const target = requestTarget(c.path, prefix)
    if (target === undefined) return next()
    const reply = await files.reply(c, target)
    if (reply !== undefined) return reply
    const page =
      isMiss && fallback !== undefined && isNavigation(c, target.lastSegment) ? fallback : undefined
    if (page !== undefined) return fallsThrough ? nextOrPage(c, next, files, page) : files.page(c, page)
    if (fallsThrough) return next()
    throw new GoWebError('NOT_FOUND', 'There is no such file')
  })
  return middleware
}

/** The rest of the app, or the page where that finds nothing. */
async function nextOrPage(
  c: HttpContext,
  next: Next<Reply>,
  files: StaticFiles,
  page: string,
): Promise<Reply> {
  try {
    const reply = await next()
    if (reply.status !== 404) return reply
    cancelBody(reply.body)
  } catch (error) {
    const code = error instanceof GoWebError ? error.code : undefined
    if (code !== 'ROUTE_NOT_FOUND' && code !== 'METHOD_NOT_ALLOWED') throw error
  }
  return files.page(c, page)
}

function checkedRoot(root: unknown): string {
  if (typeof root !== 'string' && !(root instanceof URL && root.protocol === 'file:')) {
    throw new GoWebError(
      'STATIC_OPTIONS_INVALID',
      `serveStatic(root): expected a path or a file URL, got ${root instanceof URL ? root.href : show(root)}`,
    )
  }
  const path = typeof root === 'string' ? resolve(root) : fileURLToPath(root)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new GoWebError(
      'STATIC_OPTIONS_INVALID',
      `serveStatic(root): there is no directory ${path}; relative roots are below the working directory, ${process.cwd()}`,
    )
  }
  return path
}

function prefixOf(read: OptionReader): readonly string[] {
  const prefix = read.raw('prefix')
  if (prefix === undefined || prefix === '/') return []
  if (typeof prefix !== 'string' || !PREFIX.test(prefix)) {
    read.refuse('prefix', 'a path such as /assets: a slash at its start, none at its end, nothing encoded')
  }
  return prefix.slice(1).split('/')
}

function fileOption(read: OptionReader, name: string): string | undefined {
  const value = read.raw(name)
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !RELATIVE_FILE.test(value)) read.refuse(name, 'a file below the root')
  return value
}

function codingsOf(read: OptionReader): readonly PrecompressedCoding[] {
  const value = read.raw('precompressed')
  if (value === undefined || value === false) return []
  if (value === true) return CODINGS
  read.strings('precompressed', /^(?:br|zstd|gzip)$/, 'br, zstd and gzip')
  return [...(value as PrecompressedCoding[])]
}

function cacheControlOf(read: OptionReader): string {
  const value = read.raw('cacheControl') ?? 'no-cache'
  if (typeof value !== 'string' || !HEADER_VALUE.test(value))
    read.refuse('cacheControl', 'the value of a header')
  return value
}

function immutableRule(read: OptionReader): (path: string) => boolean {
  const value = read.raw('immutable')
  if (value === undefined) return () => false
  if (value instanceof RegExp) {
    // Without the flags that keep state.
    const pattern = new RegExp(value.source, value.flags.replaceAll(/[gy]/g, ''))
    return (path) => pattern.test(path)
  }
  if (typeof value !== 'function') read.refuse('immutable', 'a RegExp or a function of the path')
  return value as (path: string) => boolean
}
