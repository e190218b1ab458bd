import type { DirectGroups } from '../realtime/direct-groups.ts'
import type { Transport } from '../realtime/transport.ts'

/** What a server does with its end of a connection. */
export interface LabTransportLink {
  readonly bufferedBytes: number
  sendDown(text: string): void
  closeByServer(code: number, reason: string): void
}

/** The server's end of a connection in a lab. */
export class LabTransport implements Transport {
  readonly #link: LabTransportLink
  readonly #groups: DirectGroups

  constructor(link: LabTransportLink, groups: DirectGroups) {
    this.#link = link
    this.#groups = groups
  }

  get bufferedAmount(): number {
    return this.#link.bufferedBytes
  }

  send(text: string): void {
    this.#link.sendDown(text)
  }

  join(group: string): void {
    this.#groups.join(group, this)
  }

  leave(group: string): void {
    this.#groups.leave(group, this)
  }

  close(code: number, reason: string): void {
    this.#link.closeByServer(code, reason)
  }
}
