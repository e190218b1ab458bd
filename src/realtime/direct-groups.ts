import type { Transport, TransportGroups } from './transport.ts'

/** Groups of transports that have none of their own: each member is sent the text. */
export class DirectGroups implements TransportGroups {
  readonly #members: Map<string, Set<Transport>> = new Map()

  join(group: string, transport: Transport): void {
    const members = this.#members.get(group)
    if (members === undefined) this.#members.set(group, new Set([transport]))
    else members.add(transport)
  }

  leave(group: string, transport: Transport): void {
    const members = this.#members.get(group)
    if (members?.delete(transport) === true && members.size === 0) this.#members.delete(group)
  }

  /** For a transport that is gone. */
  leaveAll(transport: Transport): void {
    for (const group of this.#members.keys()) this.leave(group, transport)
  }

  publish(group: string, text: string, except: Transport | undefined): void {
    for (const member of this.#members.get(group) ?? []) if (member !== except) member.send(text)
  }
}
