import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import type { TestContext } from 'node:test'
import type { AcceptedUpgrade, Dispatcher } from '../../../src/app/dispatcher.ts'
import type { IncomingRequest } from '../../../src/http/incoming-request.ts'
import { problemReply } from '../../../src/http/problem.ts'
import { Reply } from '../../../src/http/reply.ts'
import { WebSocketRegistry } from '../../../src/runtime/node/web-socket-registry.ts'
import { handleUpgrade, shouldUpgrade } from '../../../src/runtime/node/web-socket-upgrade.ts'
import { SocketGate } from '../../../src/websocket/socket-gate.ts'
import type { SocketCeilings, SocketHooks, SocketOptions } from '../../../src/websocket/socket-hooks.ts'
import type { Socket } from '../../../src/websocket/socket.ts'
import { TopicHub } from '../../../src/websocket/topic-hub.ts'

const DEFAULTS: Required<SocketOptions> = {
  maxPayloadBytes: 1_048_576,
  pingIntervalMs: 30_000,
  pongTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxBackpressureBytes: 16_777_216,
  backpressurePolicy: 'close',
  backpressureCloseCode: 1013,
  messagesPerSecond: 0,
  messageBurst: 0,
  bytesPerSecond: 0,
  byteBurst: 0,
  controlFramesPerSecond: 0,
  maxFragments: 0,
}

/** An upgrade that lets everybody in. */
export function accept(
  hooks: SocketHooks,
  rest: Partial<AcceptedUpgrade> & { limits?: SocketOptions } = {},
): AcceptedUpgrade {
  const { limits, ...others } = rest
  return {
    hooks,
    options: { ...DEFAULTS, ...limits },
    compression: undefined,
    data: undefined,
    protocol: '',
    headers: undefined,
    route: '/',
    ...others,
  }
}

export interface DriverServerOptions {
  readonly upgrade: (request: IncomingRequest) => AcceptedUpgrade | Reply | Promise<AcceptedUpgrade | Reply>
  /** Leaves Node's choice of what to upgrade alone, as before 22.21. */
  readonly isWithoutCallback?: boolean
  readonly onRequest?: RequestListener
  /** Sees each upgrade before the driver. */
  readonly onUpgrade?: (req: IncomingMessage, socket: NetSocket) => void
}

/** The driver on a plain http server, with a dispatcher that only upgrades. */
export class DriverServer implements Dispatcher {
  readonly hub: TopicHub = new TopicHub()
  readonly gate: SocketGate = new SocketGate(
    { maxSockets: 0, maxSocketsPerAddress: 0, messagesPerSecond: 0, bytesPerSecond: 0 },
    this.hub.counters,
  )
  readonly errors: unknown[] = []
  readonly registry: WebSocketRegistry
  readonly http: Server
  /** Connections that are destroyed when the server stops. */
  readonly clients: NetSocket[] = []
  readonly #options: DriverServerOptions

  constructor(options: DriverServerOptions) {
    this.#options = options
    this.registry = new WebSocketRegistry(this)
    this.http = createServer(
      options.isWithoutCallback === true ? {} : { shouldUpgradeCallback: shouldUpgrade },
    )
    if (options.onRequest !== undefined) this.http.on('request', options.onRequest)
    this.http.on('upgrade', (req: IncomingMessage, socket: NetSocket, head: Buffer) => {
      options.onUpgrade?.(req, socket)
      handleUpgrade({ req, socket, head, dispatcher: this, registry: this.registry, server: this.http })
    })
  }

  /** A listening server that is closed after the test. */
  static async start(t: TestContext, options: DriverServerOptions): Promise<DriverServer> {
    const server = new DriverServer(options)
    server.http.listen(0, '127.0.0.1')
    await once(server.http, 'listening')
    t.after(() => server.stop())
    return server
  }

  clientAddress(request: IncomingRequest): string {
    return request.ip
  }

  mayUpgrade(): boolean {
    return true
  }

  socketCeilings(): SocketCeilings {
    return DEFAULTS
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.registry.terminateAll()
    for (const client of this.clients) client.destroy()
    this.http.closeAllConnections()
    await new Promise((resolve) => this.http.close(resolve))
  }

  /** Open connections of the http server, upgraded ones included. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.http.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
    })
  }

  dispatch(): Reply {
    return new Reply(404, null, undefined)
  }

  upgrade(request: IncomingRequest): AcceptedUpgrade | Reply | Promise<AcceptedUpgrade | Reply> {
    return this.#options.upgrade(request)
  }

  socketError(_socket: Socket, _accepted: AcceptedUpgrade, error: unknown): void {
    this.errors.push(error)
  }

  errorReply(error: unknown): Reply {
    return problemReply(error)
  }
}
