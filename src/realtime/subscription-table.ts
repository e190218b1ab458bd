import type { Subscription } from './subscription.ts'

/**
 * The subscriptions of one connection by channel.
 *
 * Most connections have one: it lies in a field, since a map takes several times the memory of the subscription itself.
 */
export class SubscriptionTable {
  #first: Subscription | undefined = undefined
  #others: Map<string, Subscription> | undefined = undefined

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0)
  }

  get(name: string): Subscription | undefined {
    return this.#first?.name === name ? this.#first : this.#others?.get(name)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** @param subscription of a channel that is not in the table. */
  add(subscription: Subscription): void {
    if (this.#first === undefined) this.#first = subscription
    else (this.#others ??= new Map()).set(subscription.name, subscription)
  }

  /** Removes a subscription; nothing when it is not in the table. */
  delete(subscription: Subscription): void {
    if (this.#first === subscription) this.#first = undefined
    else if (this.#others?.get(subscription.name) === subscription) this.#others.delete(subscription.name)
  }

  /** All of them, as they are now. */
  values(): Subscription[] {
    const first = this.#first === undefined ? [] : [this.#first]
    return this.#others === undefined ? first : [...first, ...this.#others.values()]
  }
}
