import { definePlugin, type Plugin } from '../chain/plugin.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { GoWeb } from './goweb.ts'
import { coreOf } from './served-app.ts'

/** Options of {@link health}; all optional. */
export interface HealthOptions {
  /** Where it is answered that the process lives. Default: `/livez`. */
  readonly livePath?: `/${string}`
  /** Where it is answered whether the app can be given work. Default: `/readyz`. */
  readonly readyPath?: `/${string}`
  /** What else has to hold for that, such as a database that answers; one that throws says no, and is reported. */
  readonly check?: () => boolean | Promise<boolean>
}

const NAMES = ['livePath', 'readyPath', 'check'] satisfies (keyof HealthOptions)[]

/**
 * A plugin that answers load balancers and orchestrators.
 *
 * `/livez` is 200 as long as the process answers at all. `/readyz` is 200 when the app can be given work, and 503 while it starts or
 * stops, when its broker cannot be reached, and when `check` says no. The answers are JSON with one word, `status`, and nothing about the
 * app. For the app that listens, not for one that is mounted; register it before middleware that would refuse strangers.
 *
 * @throws `OPTION_INVALID`
 * @example
 * const app = new GoWeb().register(health({ check: () => database.isConnected }))
 */
export function health(options: HealthOptions = {}): Plugin<GoWeb, GoWeb> {
  check(options)
  const { livePath = '/livez', readyPath = '/readyz', check: isWell } = options
  return definePlugin({
    name: 'health',
    setup(app: GoWeb) {
      const core = coreOf(app)
      const wellness = async (): Promise<boolean> => {
        try {
          return isWell === undefined || (await isWell())
        } catch (error) {
          core.settings.report(error, 'health check')
          return false
        }
      }
      app
        .get(livePath, (c) => {
          c.setHeader('cache-control', 'no-store')
          return c.json({ status: 'alive' })
        })
        .get(readyPath, async (c) => {
          c.setHeader('cache-control', 'no-store')
          const { readiness } = core
          const status = readiness !== 'ready' || (await wellness()) ? readiness : 'check failed'
          return c.json({ status }, status === 'ready' ? 200 : 503)
        })
      return app
    },
  })
}

function check(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw invalid('expected options')
  const given = options as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given)) {
    if (!NAMES.some((known) => known === name)) {
      throw invalid(`there is no option ${name}, but ${NAMES.join(', ')}`)
    }
  }
  for (const name of ['livePath', 'readyPath'] as const) {
    const path = given[name]
    if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/'))) {
      throw invalid(`${name}: expected a path such as /readyz`)
    }
  }
  if (given['check'] !== undefined && typeof given['check'] !== 'function') {
    throw invalid('check: expected a function')
  }
}

function invalid(problem: string): GoWebError {
  return new GoWebError('OPTION_INVALID', `health(): ${problem}`)
}
