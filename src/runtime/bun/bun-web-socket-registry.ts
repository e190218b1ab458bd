import type { Dispatcher } from '../../app/dispatcher.ts'
import type { LeavingSocket } from '../../app/runtime-port.ts'

/** All open sockets of one server: their heartbeat, and their end when the server closes. */
export class BunWebSocketRegistry {
  readonly dispatcher: Dispatcher
  #isClosing = false

  constructor(dispatcher: Dispatcher) {
    this.dispatcher = dispatcher
  }

  /** Whether `refuseUpgrades` or `closeAll` was called; upgrades are to be refused from then on. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  /** No socket comes in any more; those that there are stay. */
  refuseUpgrades(): void {
    this.#isClosing = true
  }

  /** Those that are not closed; a copy. */
  sockets(): LeavingSocket[] {
    return []
  }

  /** Starts the closing handshake of every socket, with this code unless its `shutdown` hook says another; resolves when all are gone. */
  closeAll(_code: number): Promise<void> {
    this.refuseUpgrades()
    return Promise.resolve()
  }

  /** Ends every socket at once. */
  terminateAll(): void {}

  /** The server is closed: nobody asks for its numbers any more. */
  forget(): void {}
}
