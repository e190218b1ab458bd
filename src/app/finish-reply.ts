import { Reply, type Sent } from '../http/reply.ts'
import type { ReplyHeaders } from '../http/reply-headers.ts'
import { RequestContext } from '../http/request-context.ts'
import type { AcceptedSocket } from './accepted-socket.ts'
import type { CompiledRoute } from './scope.ts'

/** Puts the context's headers under the reply's own, and hangs the context's `after` callbacks on it. */
export function finishReply(reply: Reply, c: RequestContext, error: unknown): Reply {
  const extra = RequestContext.replyHeaders(c)
  const callbacks = RequestContext.afterCallbacks(c)
  if (extra === undefined && callbacks === undefined) return reply
  // A copy: a reply that a handler or a cache keeps must not collect the headers of one request.
  const finished = new Reply(reply.status, reply.body, reply.type)
  if (extra !== undefined || reply.hasHeaders) mergeHeaders(finished, reply, extra)
  if (callbacks !== undefined) {
    const { status } = finished
    finished.onSent = (end) => tell(callbacks, { status, aborted: end.aborted, error: end.error ?? error })
  }
  return finished
}

/** The same for an upgrade: its headers go into the 101 answer, and the handshake is its end. */
export function finishUpgrade(
  outcome: AcceptedSocket | Reply,
  c: RequestContext,
  route: CompiledRoute,
): AcceptedSocket | Reply {
  if (outcome instanceof Reply) return finishReply(outcome, c, undefined)
  outcome.compiledRoute = route
  outcome.headers = RequestContext.replyHeaders(c)
  const callbacks = RequestContext.afterCallbacks(c)
  if (callbacks !== undefined) tell(callbacks, { status: 101, aborted: false, error: undefined })
  return outcome
}

function mergeHeaders(target: Reply, reply: Reply, extra: ReplyHeaders | undefined): void {
  const own = reply.hasHeaders ? reply.headers : undefined
  if (extra !== undefined) {
    for (const [name, value] of extra) {
      if (name === 'content-type') target.type ??= value
      else if (name === 'set-cookie' || own?.has(name) !== true) target.headers.append(name, value)
    }
  }
  if (own !== undefined) for (const [name, value] of own) target.headers.append(name, value)
}

function tell(callbacks: readonly ((sent: Sent) => void)[], sent: Sent): void {
  for (const callback of callbacks) callback(sent)
}
