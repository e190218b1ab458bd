/** What a client does with its end of a connection. */
export interface LabSocketLink {
  sendUp(text: string): void
  closeByClient(code: number, reason: string): void
}

/** The client's end of a connection in a lab: as much of a WebSocket as GoWeb's client uses. */
export class LabSocket {
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror: ((event: never) => void) | null = null
  readonly url: string
  #link: LabSocketLink | undefined

  constructor(url: string) {
    this.url = url
  }

  /** Connects it with the network. */
  use(link: LabSocketLink): void {
    this.#link = link
  }

  send(text: string): void {
    this.#link?.sendUp(text)
  }

  close(code = 1005, reason = ''): void {
    this.#link?.closeByClient(code, reason)
    this.#link = undefined
  }

  opened(): void {
    if (this.#link !== undefined) this.onopen?.({ type: 'open' } as never)
  }

  received(text: string): void {
    if (this.#link !== undefined) this.onmessage?.({ data: text })
  }

  ended(code: number, reason: string): void {
    if (this.#link === undefined) return
    this.#link = undefined
    this.onclose?.({ code, reason })
  }
}
