import { collectDefaultMetrics, Registry } from 'prom-client'
import type { GoWeb } from './app/goweb.ts'
import { definePlugin, type Plugin } from './chain/plugin.ts'
import { GoWebError } from './errors/goweb-error.ts'
import type { HttpContext } from './http/http-context.ts'
import { measure } from './metrics/measure.ts'
import { registerStats } from './metrics/stats-metrics.ts'

/** Options of {@link metrics}. Either `public` or `allow` has to be given: what is measured is not for everybody. */
export interface MetricsOptions {
  /** Where they are served. Default: `/metrics`. */
  readonly path?: `/${string}`
  /** Everybody may read them, such as where the port cannot be reached from outside. */
  readonly public?: true
  /** Who may read them; others get 403 `FORBIDDEN`. */
  readonly allow?: (c: HttpContext) => boolean | Promise<boolean>
  /** Where metrics are kept, to add some of your own. Default: one of its own. */
  readonly registry?: Registry
  /** Those of the process too: CPU, memory, garbage collection, delay of the event loop. Default: true. */
  readonly process?: boolean
  /** Upper limits in seconds of the histograms' buckets. Default: from a millisecond to ten seconds. */
  readonly buckets?: readonly number[]
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const NAMES = ['path', 'public', 'allow', 'registry', 'process', 'buckets'] satisfies (keyof MetricsOptions)[]

/**
 * A plugin that serves metrics in the text format of Prometheus: durations of requests, handshakes and commands by route and outcome,
 * the counters of `app.stats()`, and those of the process. For the app that listens, not for one that is mounted; what is defined before it is not measured.
 *
 * `prom-client` has to be installed beside GoWeb.
 *
 * @throws `METRICS_OPTIONS_INVALID`
 * @example
 * const app = new GoWeb().register(metrics({ allow: (c) => c.header('authorization') === `Bearer ${secret}` }))
 */
export function metrics(options: MetricsOptions): Plugin<GoWeb, GoWeb> {
  check(options)
  const { path = '/metrics', allow, registry = new Registry(), buckets = BUCKETS } = options
  return definePlugin({
    name: 'metrics',
    setup(app: GoWeb) {
      if (options.process !== false) collectDefaultMetrics({ register: registry })
      registerStats(registry, () => app.stats())
      app.use(measure(registry, buckets)).get(path, async (c) => {
        if (allow !== undefined && !(await allow(c))) throw new GoWebError('FORBIDDEN')
        c.setHeader('cache-control', 'no-store')
        const reply = c.text(await registry.metrics())
        reply.headers.set('content-type', registry.contentType)
        return reply
      })
      return app
    },
  })
}

function check(options: unknown): asserts options is MetricsOptions {
  if (typeof options !== 'object' || options === null) throw invalid('expected options')
  const given = options as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given)) {
    if (!NAMES.some((known) => known === name)) {
      throw invalid(`there is no option ${name}, but ${NAMES.join(', ')}`)
    }
  }
  const { path, allow, process, buckets } = given
  if ((given['public'] === true) === (allow !== undefined)) throw invalid('give either public: true or allow')
  if (given['public'] !== undefined && given['public'] !== true) throw invalid('public: expected true')
  if (allow !== undefined && typeof allow !== 'function') throw invalid('allow: expected a function')
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) {
    throw invalid('path: expected a path such as /metrics')
  }
  if (process !== undefined && typeof process !== 'boolean') throw invalid('process: expected true or false')
  if (given['registry'] !== undefined && !(given['registry'] instanceof Registry)) {
    throw invalid('registry: expected a Registry of prom-client')
  }
  if (buckets !== undefined && !areBuckets(buckets))
    throw invalid('buckets: expected rising numbers of seconds')
}

function areBuckets(buckets: unknown): boolean {
  if (!Array.isArray(buckets) || buckets.length === 0) return false
  return buckets.every((value, i) => Number.isFinite(value) && (i === 0 ? value > 0 : value > buckets[i - 1]))
}

function invalid(problem: string): GoWebError {
  return new GoWebError('METRICS_OPTIONS_INVALID', `metrics(): ${problem}`)
}
