import type { TestContext } from 'node:test'
import { GoWeb, type GoWebOptions, type ListenOptions, type Server } from 'goweb'
import { Reports } from '../../contract/reports.ts'

/** Makes an app whose reports the test must take, or fail. */
export function makeApp(t: TestContext, options: GoWebOptions = {}): { app: GoWeb; reports: Reports } {
  const reports = new Reports()
  t.after(() => reports.assertEmpty())
  return { app: new GoWeb({ report: reports.add, ...options }), reports }
}

/** Serves an app until the test ends. */
export async function serve(
  t: TestContext,
  app: { listen(options: ListenOptions): Promise<Server> },
): Promise<number> {
  const server = await app.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => server.close(1_000))
  return server.port
}
