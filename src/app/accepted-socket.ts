import type { CompressionSettings } from '../websocket/compression-options.ts'
import type { SocketHooks, SocketOptions } from '../websocket/socket-hooks.ts'
import type { AcceptedUpgrade } from './dispatcher.ts'
import type { CompiledRoute, Scope } from './scope.ts'

/** What all sockets of one definition share. */
export interface SocketDefinition {
  readonly hooks: SocketHooks
  readonly options: Required<SocketOptions>
  readonly compression: CompressionSettings | undefined
  /** The accepted upgrade of those that differ in nothing; see {@link AcceptedSocket.shared}. */
  plain?: AcceptedSocket
}

/** An accepted upgrade as the app makes it: what differs between sockets, and two references for what does not. */
export class AcceptedSocket implements AcceptedUpgrade {
  readonly data: unknown
  readonly protocol: string
  headers: Iterable<readonly [name: string, value: string]> | undefined = undefined
  /** Set when the chain is through. */
  compiledRoute: CompiledRoute | undefined = undefined
  readonly #definition: SocketDefinition

  constructor(definition: SocketDefinition, data: unknown, protocol: string) {
    this.#definition = definition
    this.data = data
    this.protocol = protocol
  }

  /** The same for all sockets of a route without data, protocol and headers: an idle one keeps no object of its own. */
  shared(): AcceptedSocket {
    if (this.data !== undefined || this.protocol !== '' || this.headers !== undefined) return this
    const { plain } = this.#definition
    return plain !== undefined && plain.compiledRoute === this.compiledRoute
      ? plain
      : (this.#definition.plain = this)
  }

  get hooks(): SocketHooks {
    return this.#definition.hooks
  }

  get options(): Required<SocketOptions> {
    return this.#definition.options
  }

  get compression(): CompressionSettings | undefined {
    return this.#definition.compression
  }

  get route(): string {
    return this.compiledRoute?.pattern ?? ''
  }

  get scopes(): readonly Scope[] {
    return this.compiledRoute?.scopes ?? []
  }
}
