import { ServerResponse, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { AcceptedUpgrade, Dispatcher } from '../../app/dispatcher.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import { Reply } from '../../http/reply.ts'
import { acceptKey } from '../../websocket/accept-key.ts'
import { acceptDeflateOffer, type DeflateAgreement } from '../../websocket/deflate-offer.ts'
import { handshakeAnswer } from '../../websocket/handshake-answer.ts'
import { checkHandshake, isWebSocketUpgrade, type Handshake } from '../../websocket/handshake.ts'
import { isAnswering } from './client-error.ts'
import { closeGently } from './close-gently.ts'
import { NodeRequest } from './node-request.ts'
import { requestProblem } from './request-problem.ts'
import { ignoreError, type NodeConnection } from './web-socket-driver.ts'
import { ignoreUpgrade } from './web-socket-ignored-upgrade.ts'
import type { WebSocketRegistry } from './web-socket-registry.ts'
import { WaitingUpgrade } from './web-socket-waiting.ts'
import { writeReply } from './write-reply.ts'

/** What the event `upgrade` of Node's http server brings, and for whom. */
export interface UpgradeEvent {
  readonly req: IncomingMessage
  readonly socket: NodeConnection
  readonly head: Buffer
  readonly dispatcher: Dispatcher
  readonly registry: WebSocketRegistry
  /** Needed where Node has no `shouldUpgradeCallback`: takes requests that ask for another protocol than WebSocket. */
  readonly server?: HttpServer
}

/** How long a client may let the answer to a refused upgrade wait. */
const REFUSAL_TIMEOUT_MS = 30_000

/**
 * Takes the event `upgrade` of an http server: checks the handshake, asks the dispatcher, and accepts or answers.
 *
 * Never throws. A client that leaves while the dispatcher decides gets no socket. Nothing of the request is kept afterwards.
 */
export function handleUpgrade(event: UpgradeEvent): void {
  const { req, socket, dispatcher, registry } = event
  // Node's server took its own listeners off, so an error would have none.
  socket.on('error', ignoreError)
  const request = new NodeRequest(req, undefined, false)
  if (isAnswering(req.socket)) {
    // Only where Node does not ask `shouldUpgrade`: its parser is gone, so nothing can be answered in its turn.
    socket.destroy()
    return
  }
  if (!isWebSocketUpgrade(request) && event.server !== undefined) {
    ignoreUpgrade(event.server, event)
    return
  }
  registry.watch(socket)
  let handshake: Handshake
  try {
    const problem = requestProblem(req)
    if (problem !== undefined) throw problem
    handshake = checkHandshake(request, req.httpVersion)
    assertServing(registry)
    registry.enter(socket, dispatcher.clientAddress(request))
  } catch (error) {
    refuse(event, dispatcher.errorReply(error))
    return
  }
  const outcome = dispatcher.upgrade(request)
  if (!(outcome instanceof Promise)) {
    conclude({ ...event, request, handshake }, outcome)
    return
  }
  const waiting = new WaitingUpgrade(socket, event.head)
  void outcome.then((late) => conclude({ ...event, head: waiting.finish(), request, handshake }, late))
}

/**
 * Whether the event `upgrade` is wanted for a request; others are served as if they had no `Upgrade` header.
 *
 * Not while an earlier request of the connection waits for its answer, which would come in the middle of the frames.
 */
export function shouldUpgrade(req: IncomingMessage): boolean {
  return !isAnswering(req.socket) && isWebSocketUpgrade(new NodeRequest(req, undefined, false))
}

interface CheckedUpgrade extends UpgradeEvent {
  readonly request: NodeRequest
  readonly handshake: Handshake
}

function conclude(event: CheckedUpgrade, outcome: AcceptedUpgrade | Reply): void {
  const { req, socket, head, dispatcher, registry } = event
  if (outcome instanceof Reply) {
    refuse(event, outcome)
    return
  }
  if (!socket.writable) {
    socket.destroy()
    return
  }
  try {
    assertServing(registry)
    const { handshake } = event
    const agreement = outcome.compression && acceptDeflateOffer(handshake.extensions, outcome.compression)
    const answer = answerOf(handshake, outcome, agreement)
    event.request.silenceSignal()
    if ('setNoDelay' in req.socket) req.socket.setNoDelay(true)
    registry.accept({
      connection: socket,
      accepted: outcome,
      agreement,
      answer,
      head,
    })
  } catch (error) {
    refuse(event, dispatcher.errorReply(error))
  }
}

function assertServing(registry: WebSocketRegistry): void {
  if (registry.isClosing) throw new GoWebError('UNAVAILABLE', 'The server is closing; connect to another one')
}

function answerOf(
  handshake: Handshake,
  accepted: AcceptedUpgrade,
  agreement: DeflateAgreement | undefined,
): string {
  const { protocol, headers } = accepted
  if (protocol !== '' && !handshake.protocols.includes(protocol)) {
    throw new GoWebError(
      'SUBPROTOCOL_NOT_OFFERED',
      `The subprotocol ${JSON.stringify(protocol)} was chosen, the client offered ${JSON.stringify(handshake.protocols)}`,
    )
  }
  // For as long as the socket lives it would keep them.
  accepted.headers = undefined
  const extensions = agreement?.response ?? ''
  return handshakeAnswer({ acceptKey: acceptKey(handshake.key), protocol, extensions, headers })
}

interface RefusedUpgrade extends UpgradeEvent {
  /** What the dispatcher was given, if it was. */
  readonly request?: NodeRequest
}

/** Gives an ordinary HTTP answer; the connection closes behind it, since its parser is gone. */
function refuse({ req, socket, request }: RefusedUpgrade, reply: Reply): void {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.assignSocket(req.socket)
  // Node's server did this for the responses of its own connections.
  req.socket.on('drain', () => res.emit('drain'))
  req.socket.setTimeout(REFUSAL_TIMEOUT_MS, () => socket.destroy())
  res.on('finish', () => {
    request?.silenceSignal()
    closeGently(socket)
  })
  socket.resume()
  writeReply(res, reply, req.method === 'HEAD')
}
