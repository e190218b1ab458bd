import { test } from 'node:test'
import { GoWeb, type GoWebOptions, type ListenOptions, type Server } from 'goweb'
import type { Client } from './client.ts'
import { FetchClient, type Fetcher } from './fetch-client.ts'
import { Reports } from './reports.ts'
import { ServerClient } from './server-client.ts'

/** What can be served, whatever its routes. */
export interface Servable extends Fetcher {
  listen(options: ListenOptions): Promise<Server>
}

/** What a case is given: apps to fill, and a way to serve them. */
export interface World<C extends Client = Client> {
  readonly side: 'app.fetch' | 'server'
  /** Makes an app whose reports the case must {@link Reports.take}, or fail. */
  readonly makeApp: (options?: GoWebOptions) => GoWeb
  readonly serve: (app: Servable) => Promise<C>
  readonly reports: Reports
}

/** A case that hangs is named, not the file; no case takes a tenth of it. */
const LIMIT = { timeout: 60_000 }

/**
 * Runs a case twice: with requests handed to `app.fetch`, and with requests sent to a listening server.
 *
 * An error that the app reports and the case does not take fails it.
 */
export function onBoth(name: string, run: (world: World) => Promise<void>): void {
  onFetch(name, run)
  onServer(name, run)
}

/** Runs a case with `app.fetch` only: what a server has no part in. */
export function onFetch(name: string, run: (world: World<FetchClient>) => Promise<void>): void {
  test(`${name} (app.fetch)`, LIMIT, async () => {
    const reports = new Reports()
    await run({
      side: 'app.fetch',
      makeApp: (options) => new GoWeb({ report: reports.add, ...options }),
      serve: (app) => Promise.resolve(new FetchClient(app)),
      reports,
    })
    reports.assertEmpty()
  })
}

/** Options of {@link onServer}. */
export interface OnServerOptions {
  /** Why it is left out, where it is: see `skipOn`. */
  readonly skip?: string | false
}

/** Runs a case with a listening server only: what no `Request` can say. */
export function onServer(
  name: string,
  run: (world: World<ServerClient>) => Promise<void>,
  { skip = false }: OnServerOptions = {},
): void {
  test(`${name} (server)`, { ...LIMIT, skip }, async () => {
    const reports = new Reports()
    const servers: Server[] = []
    try {
      await run({
        side: 'server',
        makeApp: (options) => new GoWeb({ report: reports.add, ...options }),
        async serve(app) {
          const server = await app.listen({ port: 0, host: '127.0.0.1' })
          servers.push(server)
          return new ServerClient(server.port)
        },
        reports,
      })
      reports.assertEmpty()
    } finally {
      for (const server of servers) await server.close(0)
    }
  })
}

/** A promise that the test settles, to await an event instead of a time. */
export function signal<T = void>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>()
  return { promise, resolve }
}
