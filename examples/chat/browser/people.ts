import type { ClientInfo } from 'goweb/client'

type Change = readonly ['join' | 'leave', ClientInfo]

/** Who is in the room: connections as the channel tells them, put together to people, who may have several devices. */
export class People {
  readonly #onChange: () => void
  readonly #onMove: (kind: 'joined' | 'left', name: string) => void
  /** Names by connection. */
  #connections = new Map<string, string>()
  /** What happens while the list of all is on its way, to be done to that list too. */
  #changes: Change[] = []

  /** @param listener its `onMove` is told of people who come with their first device and leave with their last. */
  constructor(listener: { onChange(): void; onMove(kind: 'joined' | 'left', name: string): void }) {
    this.#onChange = () => listener.onChange()
    this.#onMove = (kind, name) => listener.onMove(kind, name)
  }

  /** How many devices each person is here with. */
  get devices(): ReadonlyMap<string, number> {
    const devices = new Map<string, number>()
    for (const name of this.#connections.values()) devices.set(name, (devices.get(name) ?? 0) + 1)
    return devices
  }

  /** Replaces all, such as after a lost connection, during which nobody told who came and left. */
  async load(presence: () => Promise<ClientInfo[]>): Promise<void> {
    const changes: Change[] = []
    this.#changes = changes
    const everybody = await presence().catch(() => undefined) // It is asked for again with the next connection.
    if (everybody === undefined || this.#changes !== changes) return
    this.#connections = new Map(everybody.map(({ client, user }) => [client, user]))
    for (const change of changes) this.#apply(...change)
    this.#changes = []
    this.#onChange()
  }

  change(...change: Change): void {
    const [kind, { user }] = change
    const wasHere = this.devices.has(user)
    this.#changes.push(change)
    this.#apply(...change)
    const isHere = this.devices.has(user)
    if (wasHere !== isHere) this.#onMove(kind === 'join' ? 'joined' : 'left', user)
    this.#onChange()
  }

  #apply(kind: 'join' | 'leave', { client, user }: ClientInfo): void {
    if (kind === 'join') this.#connections.set(client, user)
    else this.#connections.delete(client)
  }
}
