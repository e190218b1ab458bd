import type { BrokerListener, StoredPublication } from '../realtime/broker.ts'

/** A node as far as it is delivered to. */
export interface Recipient {
  readonly listener: BrokerListener
  readonly isClosed: boolean
}

interface Delivery {
  readonly recipients: readonly Recipient[]
  /** Undefined: for every node, whatever it is interested in. */
  readonly channel: string | undefined
  /** A text is a signal or a broadcast. */
  readonly message: StoredPublication | string
}

/**
 * Hands messages to the nodes one after the other.
 *
 * What a listener publishes while it is called waits until all nodes have got what came before: otherwise it would overtake it
 * on the nodes that come later in the list.
 */
export class DeliveryQueue {
  #isDelivering = false
  #waiting: Delivery[] = []
  #next = 0

  /** @param recipients never changed afterwards: they are those that were interested when it was appended. */
  deliver(
    recipients: readonly Recipient[],
    channel: string | undefined,
    message: StoredPublication | string,
  ): void {
    if (recipients.length === 0) return
    // Some still wait outside a delivery only when a listener has thrown, which it must not.
    if (this.#isDelivering || this.#next < this.#waiting.length) {
      this.#waiting.push({ recipients, channel, message })
      if (this.#isDelivering) return
    }
    this.#isDelivering = true
    try {
      if (this.#waiting.length === 0) hand(recipients, channel, message)
      this.#drain()
    } finally {
      this.#isDelivering = false
    }
  }

  #drain(): void {
    for (;;) {
      const delivery = this.#waiting[this.#next]
      if (delivery === undefined) break
      this.#next++
      hand(delivery.recipients, delivery.channel, delivery.message)
    }
    if (this.#next > 0) {
      this.#waiting = []
      this.#next = 0
    }
  }
}

function hand(
  recipients: readonly Recipient[],
  channel: string | undefined,
  message: StoredPublication | string,
): void {
  for (const recipient of recipients) {
    if (recipient.isClosed) continue
    if (typeof message !== 'string') recipient.listener.onPublication(channel ?? '', message)
    else if (channel !== undefined) recipient.listener.onSignal(channel, message)
    else recipient.listener.onBroadcast(message)
  }
}
