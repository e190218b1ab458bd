import { ReceiveBudget } from '../../websocket/receive-budget.ts'
import type { SocketOptions } from '../../websocket/socket-hooks.ts'

/** What the peer of a Bun socket may still send; on Node the parser has it. */
export class PeerBudget extends ReceiveBudget {
  constructor(options: Required<SocketOptions>, clock: number) {
    super()
    this.fillBudget(options, clock)
  }
}
