import type { TestContext } from 'node:test'
import { connect, type Client, type ConnectionState, type ConnectOptions } from 'goweb/client'
import { Reports } from '../../contract/reports.ts'
import { makeApp, type TokenOffice } from './app.ts'
import { Network } from './network.ts'

type App = ReturnType<typeof makeApp>

/** An app that listens behind a network, and its clients; all of it ends with the test. */
export class Served {
  readonly app: App
  readonly reports: Reports
  readonly network: Network
  readonly #clients: Client<App>[] = []

  private constructor(app: App, reports: Reports, network: Network) {
    this.app = app
    this.reports = reports
    this.network = network
  }

  static async start(t: TestContext, office?: TokenOffice): Promise<Served> {
    const reports = new Reports()
    const app = makeApp({ report: reports.add }, office)
    const server = await app.listen({ host: '127.0.0.1', port: 0 })
    const network = await Network.open(server.port)
    const served = new Served(app, reports, network)
    t.after(async () => {
      for (const client of served.#clients) client.close()
      await network.close()
      await server.close(1_000)
      reports.assertEmpty()
    })
    return served
  }

  connect(options: ConnectOptions = {}): Client<App> {
    const client = connect<App>(`http://127.0.0.1:${this.network.port}`, {
      minReconnectDelayMs: 10,
      maxReconnectDelayMs: 50,
      ...options,
    })
    this.#clients.push(client)
    return client
  }
}

/** Resolves with the code when the client, or a subscription, reaches a state. */
export function reached(
  watched: {
    on(event: 'state', handler: (change: { state: ConnectionState; code: number }) => void): () => void
  },
  state: ConnectionState,
): Promise<number> {
  return new Promise((resolve) => {
    const off = watched.on('state', (change) => {
      if (change.state !== state) return
      off()
      resolve(change.code)
    })
  })
}

/** Collects what handlers get. */
export class Log {
  readonly entries: unknown[] = []
  #wake: (() => void) | undefined

  readonly add = (entry: unknown): void => {
    this.entries.push(entry)
    this.#wake?.()
  }

  /** All of it, once there is so much. */
  async atLeast(count: number): Promise<unknown[]> {
    while (this.entries.length < count) await new Promise<void>((resolve) => (this.#wake = resolve))
    return [...this.entries]
  }
}
