import type { TestContext } from 'node:test'
import { GoWeb, type GoWebOptions, type ListenOptions, type Server } from 'goweb'
import { Reports } from '../../contract/reports.ts'

/** Servers of a test, and what is to be checked once they are closed: a check that fails must not leave one open. */
interface Ending {
  readonly servers: Server[]
  readonly checks: (() => void)[]
}

const endings: WeakMap<TestContext, Ending> = new WeakMap()

/** Makes an app whose reports the test must take, or fail. */
export function makeApp(t: TestContext, options: GoWebOptions = {}): { app: GoWeb; reports: Reports } {
  const reports = new Reports()
  endingOf(t).checks.push(() => reports.assertEmpty())
  return { app: new GoWeb({ report: reports.add, ...options }), reports }
}

/** Serves an app until the test ends. */
export async function serve(
  t: TestContext,
  app: { listen(options: ListenOptions): Promise<Server> },
): Promise<number> {
  const server = await app.listen({ host: '127.0.0.1', port: 0 })
  endingOf(t).servers.push(server)
  return server.port
}

function endingOf(t: TestContext): Ending {
  const known = endings.get(t)
  if (known !== undefined) return known
  const ending: Ending = { servers: [], checks: [] }
  endings.set(t, ending)
  t.after(async () => {
    for (const server of ending.servers) await server.close(1_000)
    for (const check of ending.checks) check()
  })
  return ending
}
