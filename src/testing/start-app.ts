import { OpeningRequest, type OpeningFacts } from '../app/channels/opening-request.ts'
import { coreOf, type ServedApp } from '../app/served-app.ts'
import type { LabProcess, LabProcessParts } from './lab-server.ts'

/** Headers of the requests that open connections. */
export type LabHeaders = (url: string) => Readonly<Record<string, string>>

/** Starts an app as one process of a lab: its channels are on the lab's time and broker, its start callbacks run. */
export async function startApp<App extends ServedApp>(
  app: App,
  parts: LabProcessParts,
  headers: LabHeaders,
): Promise<LabProcess<App>> {
  const core = coreOf(app)
  const node = await core.realtime.start(parts)
  await core.start()
  return {
    app,
    node,
    createRequest: (url) => openingRequest(url, headers),
    stop: () => core.stop(),
  }
}

function openingRequest(url: string, headersOf: LabHeaders): OpeningRequest {
  const { host, protocol } = new URL(url)
  const headers = new Headers({ host, ...headersOf(url) })
  const facts: OpeningFacts = {
    host,
    scheme: protocol === 'wss:' ? 'https' : 'http',
    ip: '127.0.0.1',
    header: (name) => headers.get(name) ?? undefined,
    headers,
  }
  return new OpeningRequest(facts)
}
