import { isThenable, type Run } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { Reply } from '../http/reply.ts'
import type { RequestContext } from '../http/request-context.ts'
import { toReply } from '../http/to-reply.ts'
import { CLOSE_CODE, isCloseCode } from '../websocket/close-code.ts'
import { resolveCompression } from '../websocket/compression-options.ts'
import { offeredProtocols } from '../websocket/handshake.ts'
import { assertOrigin } from '../websocket/origin.ts'
import type { SocketOptions } from '../websocket/socket-hooks.ts'
import { AcceptedSocket, type SocketDefinition } from './accepted-socket.ts'
import { limit, type Settings } from './settings.ts'
import type { SocketRoute } from './socket-route.ts'

type AnySocketRoute = SocketRoute<string, object, unknown>

/** Makes the end of an upgrade's chain: origin, subprotocol, the `upgrade` hook, and the accepted socket. */
export function compileSocketRoute(
  pattern: string,
  route: AnySocketRoute,
  settings: Settings,
): Run<RequestContext> {
  checkSocketRoute(pattern, route)
  const definition: SocketDefinition = {
    hooks: route,
    options: socketOptions(pattern, route),
    compression: resolveCompression(`ws('${pattern}').compression`, route.compression),
  }
  const allowedOrigins = route.allowedOrigins ?? settings.allowedOrigins
  const { upgrade } = route
  return (c) => {
    assertOrigin({ origin: c.header('origin'), scheme: c.scheme, host: c.host }, allowedOrigins)
    const protocol = chosenProtocol(route, c)
    const data = upgrade === undefined ? undefined : upgrade.call(route, c as never) // The context that SocketRoute names.
    if (isThenable(data)) return data.then((value) => outcome(definition, value, protocol))
    return outcome(definition, data, protocol)
  }
}

/** What a middleware may end an upgrade's chain with: the accepted upgrade, or any reply. */
export function toUpgradeResult(value: unknown): unknown {
  return value instanceof AcceptedSocket ? value : toReply(value)
}

function outcome(definition: SocketDefinition, value: unknown, protocol: string): AcceptedSocket | Reply {
  if (value instanceof Reply || value instanceof Response) return toReply(value)
  return new AcceptedSocket(definition, value, protocol)
}

function chosenProtocol(route: AnySocketRoute, c: RequestContext): string {
  if (route.protocols === undefined) return ''
  const offered = offeredProtocols(c.header('sec-websocket-protocol'))
  if (typeof route.protocols !== 'function')
    return route.protocols.find((name) => offered.includes(name)) ?? ''
  const chosen = route.protocols(offered, c)
  if (chosen === undefined) return ''
  if (offered.includes(chosen)) return chosen
  // RFC 6455 section 4.2.2: the server may only choose what was offered.
  throw new GoWebError(
    'SUBPROTOCOL_NOT_OFFERED',
    `protocols() chose ${chosen}, which the client did not offer`,
  )
}

const HOOKS = ['upgrade', 'open', 'message', 'ping', 'pong', 'drain', 'shutdown', 'close', 'error'] as const

function checkSocketRoute(pattern: string, route: AnySocketRoute): void {
  const invalid = (problem: string): GoWebError =>
    new GoWebError('OPTION_INVALID', `ws('${pattern}', route): ${problem}`)
  if (typeof route !== 'object' || route === null) {
    throw invalid(`expected an object with hooks and options, got ${route === null ? 'null' : typeof route}`)
  }
  for (const name of HOOKS) {
    const hook: unknown = route[name]
    if (hook !== undefined && typeof hook !== 'function') {
      throw invalid(`${name}: expected a function, got ${hook === null ? 'null' : typeof hook}`)
    }
  }
  const { protocols } = route
  if (protocols !== undefined && typeof protocols !== 'function' && !Array.isArray(protocols)) {
    throw invalid(`protocols: expected a list or a function, got ${typeof protocols}`)
  }
}

/** What holds where a route says nothing. */
export const DEFAULT_SOCKET_OPTIONS: Required<SocketOptions> = {
  maxPayloadBytes: 1_048_576,
  pingIntervalMs: 30_000,
  pongTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxBackpressureBytes: 16_777_216,
  backpressurePolicy: 'close',
  backpressureCloseCode: CLOSE_CODE.TRY_AGAIN_LATER,
  messagesPerSecond: 1_000_000,
  messageBurst: 2_000_000,
  bytesPerSecond: 0,
  byteBurst: 0,
  controlFramesPerSecond: 10_000,
  maxFragments: 131_072,
}

/** The options of a route of sockets, with every default filled in. @throws `OPTION_INVALID` */
export function socketOptions(pattern: string, route: AnySocketRoute): Required<SocketOptions> {
  const options = { ...DEFAULT_SOCKET_OPTIONS }
  for (const name of [
    'maxPayloadBytes',
    'pingIntervalMs',
    'pongTimeoutMs',
    'closeTimeoutMs',
    'maxBackpressureBytes',
    'messagesPerSecond',
    'bytesPerSecond',
    'controlFramesPerSecond',
    'maxFragments',
  ] as const) {
    const value = route[name]
    if (value !== undefined) options[name] = limit(`ws('${pattern}').${name}`, value)
  }
  const policy = route.backpressurePolicy ?? options.backpressurePolicy
  if (policy !== 'close' && policy !== 'drop') {
    throw new GoWebError(
      'OPTION_INVALID',
      `ws('${pattern}').backpressurePolicy: expected close or drop, got ${String(policy)}`,
    )
  }
  const { backpressureCloseCode = options.backpressureCloseCode } = route
  if (!isCloseCode(backpressureCloseCode)) {
    throw new GoWebError(
      'OPTION_INVALID',
      `ws('${pattern}').backpressureCloseCode: expected a close code, got ${String(backpressureCloseCode)}`,
    )
  }
  return {
    ...options,
    ...bursts(pattern, route, options),
    backpressurePolicy: policy,
    backpressureCloseCode,
  }
}

/** What may come at once: at least one message, whatever its rate. */
function bursts(
  pattern: string,
  { messageBurst, byteBurst }: SocketOptions,
  { messagesPerSecond, bytesPerSecond, maxPayloadBytes }: Required<SocketOptions>,
): { messageBurst: number; byteBurst: number } {
  const resolve = (name: string, given: number | undefined, perSecond: number, usual: number): number => {
    const burst = limit(`ws('${pattern}').${name}`, given ?? usual)
    if (perSecond === 0) return 0
    if (burst > 0) return burst
    throw new GoWebError(
      'OPTION_INVALID',
      `ws('${pattern}').${name}: expected a whole number from 1 on, got 0, with which nothing could ever come`,
    )
  }
  const usualBytes = 2 * Math.max(bytesPerSecond, maxPayloadBytes)
  return {
    messageBurst: resolve('messageBurst', messageBurst, messagesPerSecond, 2 * messagesPerSecond),
    byteBurst: resolve('byteBurst', byteBurst, bytesPerSecond, usualBytes),
  }
}
