import type { AcceptedUpgrade, Dispatcher } from '../../app/dispatcher.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import { Reply } from '../../http/reply.ts'
import { acceptDeflateOffer } from '../../websocket/deflate-offer.ts'
import { answerHeaders } from '../../websocket/handshake-answer.ts'
import { checkHandshake, isWebSocketUpgrade, type Handshake } from '../../websocket/handshake.ts'
import type { BunHttpServer } from './bun-api.ts'
import type { BunRequest, RequestFacts } from './bun-request.ts'
import { BunSocket } from './bun-socket.ts'
import type { BunWebSocketRegistry } from './bun-web-socket-registry.ts'
import { BunWebSocketRequest } from './bun-web-socket-request.ts'

/** A request that asks for a WebSocket, and who decides on it. */
export interface BunUpgrade {
  readonly request: BunRequest
  readonly server: BunHttpServer
  readonly facts: RequestFacts
  readonly dispatcher: Dispatcher
  readonly registry: BunWebSocketRegistry
}

/** Bun does not tell the version of a request: those of HTTP/1.0 pass. */
const HTTP_VERSION = '1.1'
/** Status line, `Upgrade`, `Connection`, `Sec-WebSocket-Accept` and `Date`, with the end of the head. */
const PLAIN_ANSWER_BYTES = 166
/** `Sec-WebSocket-Extensions`, as Bun agrees to it. */
const DEFLATE_LINE_BYTES = 102

/**
 * Checks the handshake, asks the dispatcher, and accepts or answers.
 *
 * Other protocols than WebSocket are not upgraded to: such a request is an ordinary one (RFC 9110 section 7.8).
 *
 * @returns the ordinary HTTP answer; undefined when the connection has become a socket.
 */
export function upgradeOnBun(event: BunUpgrade): Reply | undefined | Promise<Reply | undefined> {
  const { server, dispatcher, registry } = event
  if (!isWebSocketUpgrade(event.request)) return dispatcher.dispatch(event.request)
  const request = new BunWebSocketRequest(event.request.raw, server, event.facts)
  let handshake: Handshake
  let ip: string
  try {
    handshake = checkHandshake(request, HTTP_VERSION)
    assertServing(registry)
    ip = dispatcher.clientAddress(request)
    registry.gate.enter(ip)
  } catch (error) {
    return refusal(dispatcher.errorReply(error))
  }
  const checked = { request, handshake, ip }
  const outcome = dispatcher.upgrade(request)
  return outcome instanceof Promise ? wait(event, checked, outcome) : conclude(event, checked, outcome)
}

interface CheckedHandshake {
  readonly request: BunWebSocketRequest
  readonly handshake: Handshake
  /** The address that has entered the gate. */
  readonly ip: string
}

/** Lets go of a client that leaves while the app decides; its place is free from then on. */
async function wait(
  event: BunUpgrade,
  checked: CheckedHandshake,
  outcome: Promise<AcceptedUpgrade | Reply>,
): Promise<Reply | undefined> {
  const { signal } = checked.request
  const { gate } = event.registry
  const onAbort = (): void => gate.leave(checked.ip)
  signal.addEventListener('abort', onAbort, { once: true })
  const late = await outcome
  // Nobody gets it.
  if (signal.aborted) return new Reply(499, null, undefined)
  signal.removeEventListener('abort', onAbort)
  return conclude(event, checked, late)
}

function conclude(
  { server, dispatcher, registry }: BunUpgrade,
  { request, handshake, ip }: CheckedHandshake,
  outcome: AcceptedUpgrade | Reply,
): Reply | undefined {
  if (outcome instanceof Reply) {
    registry.gate.leave(ip)
    return refusal(outcome)
  }
  try {
    assertServing(registry)
    const headers = headersOf(handshake, outcome)
    const isDeflated = choose(request.raw.headers, handshake, outcome)
    // For as long as the socket lives it would keep them.
    outcome.headers = undefined
    const socket = new BunSocket(registry, outcome, ip)
    registry.ready()
    request.answered()
    if (server.upgrade(request.raw, { data: socket, headers })) {
      registry.hub.counters.bytesOut += answerBytes(headers, isDeflated)
      return undefined
    }
    throw new GoWebError('HANDSHAKE_REQUEST_INVALID', 'The connection cannot become a WebSocket any more')
  } catch (error) {
    registry.gate.leave(ip)
    return refusal(dispatcher.errorReply(error))
  }
}

function assertServing(registry: BunWebSocketRegistry): void {
  if (registry.isClosing) throw new GoWebError('UNAVAILABLE', 'The server is closing; connect to another one')
}

/** Further lines of the 101 answer. */
function headersOf(handshake: Handshake, { protocol, headers: own }: AcceptedUpgrade): Headers {
  if (protocol !== '' && !handshake.protocols.includes(protocol)) {
    throw new GoWebError(
      'SUBPROTOCOL_NOT_OFFERED',
      `The subprotocol ${JSON.stringify(protocol)} was chosen, the client offered ${JSON.stringify(handshake.protocols)}`,
    )
  }
  const headers = new Headers()
  for (const [name, value] of answerHeaders(own)) headers.append(name, value)
  if (protocol !== '') headers.set('sec-websocket-protocol', protocol)
  return headers
}

/** The connection closes behind the answer, as on Node: a client may have sent frames already. */
function refusal(reply: Reply): Reply {
  // A copy: an app may keep its replies.
  const last = new Reply(reply.status, reply.body, reply.type)
  if (reply.hasHeaders) for (const [name, value] of reply.headers) last.headers.append(name, value)
  last.headers.set('connection', 'close')
  last.onSent = reply.onSent
  return last
}

/** About what Bun writes as the 101 answer. */
function answerBytes(headers: Headers, isDeflated: boolean): number {
  let bytes = PLAIN_ANSWER_BYTES + (isDeflated ? DEFLATE_LINE_BYTES : 0)
  headers.forEach((value, name) => (bytes += name.length + value.length + 4))
  return bytes
}

/**
 * Takes out of the request what Bun would agree to by itself: the first subprotocol, and compression.
 *
 * @returns whether compression is left to agree to.
 */
function choose(offered: Headers, handshake: Handshake, { compression }: AcceptedUpgrade): boolean {
  offered.delete('sec-websocket-protocol')
  if (handshake.extensions.length === 0) return false
  // Bun looks at the first offer only, and cannot keep to a smaller window.
  const possible = handshake.extensions.filter(({ parameters }) => !parameters.some(limitsWindow))
  const isAgreed = compression !== undefined && acceptDeflateOffer(possible, compression) !== undefined
  // Without the line Bun would look at the bytes of the request.
  offered.set('sec-websocket-extensions', isAgreed ? 'permessage-deflate' : 'none')
  return isAgreed
}

/** Whether a parameter asks the server for a window of less than 32 KiB (RFC 7692 section 7.1.2.1). */
function limitsWindow([name, value]: readonly [name: string, value: string | undefined]): boolean {
  return name === 'server_max_window_bits' && value !== '15'
}
