import type { Broker } from '../../../src/realtime/broker.ts'

/** A fresh broker for one check, and what the check may do to it from outside. */
export interface BrokerSetup {
  readonly broker: Broker
  /** Unit of the checks' times: what lives for 4 ticks is there after 1 and gone after 6. */
  readonly tickMs: number
  /** How long to wait, in real milliseconds, for what must come. */
  readonly patienceMs: number
  /** Lets time pass as the broker sees it. */
  sleep(ms: number): Promise<void>
  /** Kills the broker and its nodes and starts it again on whatever survives; returns the new one. */
  restart(): Promise<Broker>
  /**
   * Cuts the nodes that are connected from the broker, and lets them connect again by themselves when the returned function is
   * called. Undefined where a broker is part of the node's process.
   */
  readonly cut?: () => Promise<() => Promise<void>>
  close(): Promise<void>
}

/** What implementations differ in, within the contract. */
export interface BrokerTraits {
  /** Whether what was acknowledged is still there after a restart. */
  readonly isDurable: boolean
  /** Whether nodes can lose the connection to it: their setups have `cut`. */
  readonly canBeCut: boolean
}
