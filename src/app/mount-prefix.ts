import { GoWebError } from '../errors/goweb-error.ts'
import { Router } from '../router/router.ts'

/** A pattern for every path under a mount prefix. */
export interface PrefixPattern {
  readonly pattern: string
  /** What the pattern calls the path behind the prefix. */
  readonly restName: string
}

/** @throws `MOUNT_INVALID`, or `PATTERN_INVALID` for what is wrong between the slashes. */
export function assertPrefix(prefix: string): void {
  if (prefix === '/') return
  if (typeof prefix !== 'string' || !/^\/(?!\/).*[^/]$/.test(prefix) || prefix.includes('...}')) {
    throw new GoWebError(
      'MOUNT_INVALID',
      `mount('${prefix}', app): expected / or a prefix such as /admin: it starts with one slash, ends without one, and has no wildcard`,
    )
  }
  new Router({}).add({ method: 'GET', pattern: underPrefix(prefix).pattern, value: undefined })
}

/** A prefix, `''` for the root, with a pattern of the mounted app; `/` there is the prefix itself. */
export function joinPattern(prefix: string, pattern: string): string {
  return pattern === '/' && prefix !== '' ? prefix : prefix + pattern
}

export function underPrefix(prefix: string): PrefixPattern {
  let restName = 'rest'
  while (prefix.includes(`{${restName}`)) restName += '_'
  return { pattern: `${prefix}/{${restName}...}`, restName }
}
