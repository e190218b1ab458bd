import { isThenable } from '../chain/compose.ts'
import { assertSendable, isStream } from '../http/assert-sendable.ts'
import { Reply, type Sent } from '../http/reply.ts'
import { RequestContext } from '../http/request-context.ts'
import { SseBody } from '../http/sse-body.ts'
import type { AcceptedSocket } from './accepted-socket.ts'
import type { CompiledRoute } from './scope.ts'
import type { Settings } from './settings.ts'

type OnSent = NonNullable<Reply['onSent']>

/**
 * Puts the context's headers under the reply's own, and hangs on it who wants to know of its end: the context's `after`
 * callbacks and, for a stream that breaks off, the report.
 *
 * @throws what `assertSendable` throws.
 */
export function finishReply(reply: Reply, c: RequestContext, error: unknown, settings: Settings): Reply {
  assertSendable(reply)
  const callbacks = RequestContext.afterCallbacks(c)
  const hasType = reply.hasHeaders && reply.headers.has('content-type')
  const isPlain = callbacks === undefined && reply.onSent === undefined && !isStream(reply.body)
  const extra = RequestContext.replyHeaders(c)
  if (isPlain && !hasType && extra === undefined) return reply
  // A copy: a reply that a handler or a cache keeps must not collect the headers of one request.
  const finished = new Reply(reply.status, reply.body, reply.type)
  if (hasType) finished.type = reply.headers.get('content-type')
  if (reply.hasHeaders || extra !== undefined) mergeHeaders(finished, reply, c)
  if (!isPlain) finished.onSent = onSentOf(reply, c, error, settings)
  return finished
}

/** The same for an upgrade: its headers go into the 101 answer, and the handshake is its end. */
export function finishUpgrade(
  outcome: AcceptedSocket | Reply,
  c: RequestContext,
  route: CompiledRoute,
  settings: Settings,
): AcceptedSocket | Reply {
  if (outcome instanceof Reply) return finishReply(outcome, c, undefined, settings)
  outcome.compiledRoute = route
  outcome.headers = RequestContext.replyHeaders(c)
  const callbacks = RequestContext.afterCallbacks(c)
  if (callbacks !== undefined) tell(callbacks, { status: 101, aborted: false, error: undefined }, settings)
  return outcome.shared()
}

/** What was set by the context gives way to the reply's own; what was appended joins it. */
function mergeHeaders(target: Reply, reply: Reply, c: RequestContext): void {
  const own = reply.hasHeaders ? reply.headers : undefined
  if (own !== undefined) {
    for (const [name, value] of own) if (name !== 'content-type') target.headers.append(name, value)
  }
  for (const [name, value] of RequestContext.replyHeaders(c) ?? []) {
    if (name === 'content-type') target.type ??= value
    else if (own?.has(name) !== true || RequestContext.isAppended(c, name)) target.headers.append(name, value)
  }
}

function onSentOf(reply: Reply, c: RequestContext, error: unknown, settings: Settings): OnSent {
  const { status, onSent, body } = reply
  const callbacks = RequestContext.afterCallbacks(c)
  const events = body instanceof SseBody ? body : undefined
  if (events !== undefined) settings.eventStreams.add(events)
  let isTold = false
  return (end) => {
    if (isTold) return
    isTold = true
    if (events !== undefined) settings.eventStreams.delete(events)
    if (isStream(body) && end.error !== undefined && !end.aborted) reportFailure(end.error, c, settings)
    if (onSent !== undefined) attempt(() => onSent(end), settings)
    tell(callbacks, { status, aborted: end.aborted, error: end.error ?? error }, settings)
  }
}

function tell(
  callbacks: readonly ((sent: Sent) => void)[] | undefined,
  sent: Sent,
  settings: Settings,
): void {
  for (const callback of callbacks ?? []) attempt(() => callback(sent), settings)
}

/** Callbacks run outside of any request, so that what they throw or reject with has nobody else to go to. */
function attempt(callback: () => unknown, settings: Settings): void {
  try {
    const result = callback()
    if (isThenable(result))
      result.then(undefined, (error: unknown) => settings.report(error, 'after callback'))
  } catch (error) {
    settings.report(error, 'after callback')
  }
}

/** Reports a failed request; the default report leaves it to a middleware that logs it. */
export function reportFailure(error: unknown, c: RequestContext, settings: Settings): void {
  if (settings.isReportDefault && RequestContext.isLogged(c)) return
  settings.report(error, `${c.method} ${c.route === '' ? '(no route)' : c.route}`)
}
