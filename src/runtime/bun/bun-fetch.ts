import type { Dispatcher } from '../../app/dispatcher.ts'
import type { Reply } from '../../http/reply.ts'
import type { BunFetch } from './bun-api.ts'
import { BunRequest } from './bun-request.ts'
import { requestProblem } from './bun-request-problem.ts'
import { toBunResponse, type BunExchange } from './bun-response.ts'
import type { BunWebSocketRegistry } from './bun-web-socket-registry.ts'
import { upgradeOnBun } from './bun-web-socket-upgrade.ts'

/** What the requests of one server have in common. */
export interface BunFetchSetup {
  readonly dispatcher: Dispatcher
  readonly registry: BunWebSocketRegistry
  readonly scheme: 'http' | 'https'
  /** After so many seconds without traffic a connection that waits for another request is closed. */
  readonly idleSeconds: number
}

/** Makes the function that `Bun.serve` calls for each request. */
export function bunFetch({ dispatcher, registry, scheme, idleSeconds }: BunFetchSetup): BunFetch {
  return (raw, server) => {
    const exchange = { raw, server, idleSeconds }
    const request = new BunRequest(raw, server, scheme)
    const problem = requestProblem(request)
    if (problem !== undefined) {
      const response = answer(dispatcher.errorReply(problem), exchange)
      // What such a message contains cannot be told from a next request.
      if (problem.status > 500) response.headers.set('connection', 'close')
      return response
    }
    const outcome =
      dispatcher.mayUpgrade(request) && raw.headers.has('upgrade')
        ? upgradeOnBun({ request, server, dispatcher, registry })
        : dispatcher.dispatch(request)
    if (outcome instanceof Promise) return answerLater(outcome, exchange)
    return outcome && answer(outcome, exchange)
  }

  async function answerLater(
    outcome: Promise<Reply | undefined>,
    exchange: BunExchange,
  ): Promise<Response | undefined> {
    const { raw, server } = exchange
    // Bun's time-out is one of the connection: it would end a request whose handler takes its time.
    server.timeout(raw, 0)
    const reply = await outcome
    server.timeout(raw, idleSeconds)
    return reply && answer(reply, exchange)
  }

  function answer(reply: Reply, exchange: BunExchange): Response {
    const response = toBunResponse(reply, exchange)
    if (registry.isClosing) response.headers.set('connection', 'close')
    return response
  }
}
