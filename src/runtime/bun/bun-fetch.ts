import type { Dispatcher } from '../../app/dispatcher.ts'
import type { Reply } from '../../http/reply.ts'
import type { BunFetch } from './bun-api.ts'
import { BunRequest, type RequestFacts } from './bun-request.ts'
import { requestProblem } from './bun-request-problem.ts'
import { toBunResponse } from './bun-response.ts'
import type { BunWebSocketRegistry } from './bun-web-socket-registry.ts'
import { upgradeOnBun } from './bun-web-socket-upgrade.ts'

/** What serves the requests of one server. */
export interface BunFetchSetup {
  readonly dispatcher: Dispatcher
  readonly registry: BunWebSocketRegistry
  readonly facts: RequestFacts
}

/** How long a client may go on sending a body of which it was told that it is too large: it gets to see the answer. */
const LINGER_SECONDS = 2

/** Makes the function that `Bun.serve` calls for each request. */
export function bunFetch({ dispatcher, registry, facts }: BunFetchSetup): BunFetch {
  return (raw, server) => {
    const request = new BunRequest(raw, server, facts)
    const problem = requestProblem(request)
    if (problem !== undefined) return answer(dispatcher.errorReply(problem), request)
    const outcome =
      dispatcher.mayUpgrade(request) && raw.headers.has('upgrade')
        ? upgradeOnBun({ request, server, facts, dispatcher, registry })
        : dispatcher.dispatch(request)
    if (outcome instanceof Promise) return answerLater(outcome, request)
    return outcome && answer(outcome, request)
  }

  async function answerLater(
    outcome: Promise<Reply | undefined>,
    request: BunRequest,
  ): Promise<Response | undefined> {
    request.setIdle(false)
    const reply = await outcome
    request.setIdle(true)
    return reply && answer(reply, request)
  }

  function answer(reply: Reply, request: BunRequest): Response {
    const response = toBunResponse(reply, request)
    if (registry.isClosing || reply.status > 400) settle(reply.status, response, request)
    return response
  }

  /** What becomes of the connection. */
  function settle(status: number, { headers }: Response, request: BunRequest): void {
    if (status === 413) request.endAfter(LINGER_SECONDS)
    // The rest of the request has not arrived, or is none of HTTP: what comes cannot be told from it.
    if (registry.isClosing || status === 408 || status === 501) headers.set('connection', 'close')
  }
}
