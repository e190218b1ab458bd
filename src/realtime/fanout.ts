import type { Transport, TransportGroups } from './transport.ts'

/** All transports of a node: what is published to a group reaches the connections of each. */
export class Fanout {
  readonly #transports: TransportGroups[] = []

  add(groups: TransportGroups): void {
    if (!this.#transports.includes(groups)) this.#transports.push(groups)
  }

  publish(group: string, text: string, except: Transport | undefined): void {
    for (const groups of this.#transports) groups.publish(group, text, except)
  }
}
