import { Histogram, type Registry } from 'prom-client'
import type { BaseContext } from '../chain/base-context.ts'
import type { Middleware, Next, Passed } from '../chain/middleware.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { HttpContext } from '../http/http-context.ts'

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const MS = 1_000

/**
 * A middleware that measures whatever passes the chain.
 *
 * No label takes what a client makes up: routes are patterns, methods and codes come from lists.
 */
export function measure(registry: Registry, buckets: readonly number[]): Middleware {
  const settings = { buckets: [...buckets], registers: [registry] }
  const requests = new Histogram({
    name: 'goweb_request_duration_seconds',
    help: 'Time until requests and handshakes were answered, or their clients left',
    labelNames: ['kind', 'method', 'route', 'status'],
    ...settings,
  })
  const commands = new Histogram({
    name: 'goweb_command_duration_seconds',
    help: 'Time that commands of channel connections took in the chain',
    labelNames: ['kind', 'route', 'outcome'],
    ...settings,
  })

  const runCommand = async (c: BaseContext, next: Next): Promise<Passed<{}>> => {
    const startMs = performance.now()
    let outcome = 'ok'
    try {
      return await next()
    } catch (error) {
      outcome = error instanceof GoWebError ? error.code : 'INTERNAL'
      throw error
    } finally {
      commands.observe({ kind: c.kind, route: c.route, outcome }, (performance.now() - startMs) / MS)
    }
  }

  return (c, next) => {
    if (!isHttp(c)) return runCommand(c, next)
    const startMs = performance.now()
    c.after(({ status, aborted }) => {
      const method = METHODS.has(c.method) ? c.method : 'other'
      const labels = { kind: c.kind, method, route: c.route || 'none', status: aborted ? 'aborted' : status }
      requests.observe(labels, (performance.now() - startMs) / MS)
    })
    return next()
  }
}

function isHttp(c: BaseContext): c is HttpContext {
  return c.kind === 'http' || c.kind === 'upgrade'
}
