import type { Socket, Topics } from 'goweb'

/** What the chat knows of a socket. */
export interface Member {
  name: string
  readonly room: string
  /** Random, made by the page: who comes back after a lost connection takes its old place. */
  readonly tab: string | null
  paidUntil: number // For the rate limit.
}

export type ChatSocket = Socket<Member>

/** A room: a topic, the sockets in it by name, and the last messages for whoever enters. */
export class Room {
  readonly name: string
  readonly #topics: Topics
  readonly #sockets = new Map<string, ChatSocket>()
  readonly #history: object[] = []

  constructor(name: string, topics: Topics) {
    this.name = name
    this.#topics = topics
  }

  join(socket: ChatSocket): void {
    const { data } = socket
    const old = this.#sockets.values().find((other) => data.tab !== null && other.data.tab === data.tab)
    data.name = old?.data.name ?? this.#freeName(data.name)
    this.#sockets.set(data.name.toLowerCase(), socket)
    if (old === undefined) this.#publish({ kind: 'joined', name: data.name, at: Date.now() })
    else old.close(4001, 'replaced')
    socket.subscribe(this.name)
    const members = Array.from(this.#sockets.values(), (member) => member.data.name)
    socket.send(JSON.stringify({ kind: 'welcome', you: data.name, members, history: this.#history }))
  }

  leave(socket: ChatSocket): void {
    const { name } = socket.data
    if (this.#sockets.get(name.toLowerCase()) !== socket) return // Replaced: its name belongs to another.
    this.#sockets.delete(name.toLowerCase())
    this.#publish({ kind: 'left', name, at: Date.now() })
  }

  say({ data }: ChatSocket, text: string, ref: string | undefined): void {
    const message = { kind: 'message', id: crypto.randomUUID(), ref, name: data.name, text, at: Date.now() }
    if (this.#history.push(message) > 50) this.#history.shift()
    this.#publish(message)
  }

  typing(socket: ChatSocket, on: boolean): void {
    socket.publish(this.name, JSON.stringify({ kind: 'typing', name: socket.data.name, on }))
  }

  #publish(message: object): void {
    this.#topics.publish(this.name, JSON.stringify(message))
  }

  /** `Ada`, or `Ada 2` where there is one already. */
  #freeName(name: string): string {
    let free = name
    for (let n = 2; this.#sockets.has(free.toLowerCase()); n++) free = `${name} ${n}`
    return free
  }
}
