import { GoWeb } from './goweb.ts'
import type { GoWebOptions } from './settings.ts'

/**
 * Makes an app that needs what its future parent's middleware adds.
 *
 * @example
 * const admin = createScope<{ user: User }>().get('/me', (c) => c.json(c.user))
 * app.use(auth).mount('/admin', admin)
 */
export function createScope<Needs extends object>(
  options: GoWebOptions = {},
): GoWeb<{}, {}, {}, Needs, Needs> {
  return new GoWeb<{}, {}, {}, Needs, Needs>(options)
}
