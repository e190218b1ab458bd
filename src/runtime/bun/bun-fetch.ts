import type { Dispatcher } from '../../app/dispatcher.ts'
import type { Reply } from '../../http/reply.ts'
import type { BunFetch } from './bun-api.ts'
import { BunRequest, type RequestFacts } from './bun-request.ts'
import { requestProblem } from './bun-request-problem.ts'
import { toBunResponse, type BunExchange } from './bun-response.ts'
import type { BunWebSocketRegistry } from './bun-web-socket-registry.ts'
import { upgradeOnBun } from './bun-web-socket-upgrade.ts'

/** What the requests of one server have in common. */
export interface BunFetchSetup {
  readonly dispatcher: Dispatcher
  readonly registry: BunWebSocketRegistry
  readonly facts: RequestFacts
  /** After so many seconds without traffic a connection that waits for another request is closed. */
  readonly idleSeconds: number
}

/** How long a client may go on sending a body of which it was told that it is too large: it gets to see the answer. */
const LINGER_SECONDS = 2
/** Behind them what comes cannot be told from the rest of the request: it has not arrived, or is no request of HTTP. */
const LAST_STATUSES: ReadonlySet<number> = new Set([408, 501])

/** Makes the function that `Bun.serve` calls for each request. */
export function bunFetch({ dispatcher, registry, facts, idleSeconds }: BunFetchSetup): BunFetch {
  return (raw, server) => {
    const exchange = { raw, server, idleSeconds }
    const request = new BunRequest(raw, server, facts)
    const problem = requestProblem(request)
    if (problem !== undefined) return answer(dispatcher.errorReply(problem), exchange)
    const outcome =
      dispatcher.mayUpgrade(request) && raw.headers.has('upgrade')
        ? upgradeOnBun({ request, server, facts, dispatcher, registry })
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
    if (reply.status === 413) exchange.server.timeout(exchange.raw, LINGER_SECONDS)
    if (registry.isClosing || LAST_STATUSES.has(reply.status)) response.headers.set('connection', 'close')
    return response
  }
}
