import { GoWebError } from '../errors/goweb-error.ts'
import type { ContextName } from './base-context.ts'

/**
 * Adds what a middleware gave to `next` to the context.
 *
 * @throws `CONTEXT_KEY_RESERVED` for a name that the context itself has, so that no middleware hides a part of it.
 */
export function extendContext(c: object, additions: object): void {
  for (const key of Object.keys(additions)) {
    if (key in c && !isAddition(c, key)) {
      throw new GoWebError(
        'CONTEXT_KEY_RESERVED',
        `next({ ${key} }) would hide c.${key}, which the context has itself; choose another name`,
      )
    }
    Object.defineProperty(c, key, {
      value: (additions as Record<string, unknown>)[key],
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
}

const RESERVED_OWN: ReadonlySet<string> = new Set([
  'kind',
  'route',
  'params',
  'channel',
  'event',
  'publishId',
  'callId',
  'sent',
  'isRefresh',
] satisfies ContextName[])

function isAddition(c: object, key: string): boolean {
  return Object.hasOwn(c, key) && !RESERVED_OWN.has(key)
}
