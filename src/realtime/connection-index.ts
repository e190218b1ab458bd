interface Indexed {
  readonly id: string
  /** `''` for anonymous ones and before it is known. */
  readonly user: string
}

/** The connections of a node, by id and by user. */
export class ConnectionIndex<Connection extends Indexed> {
  readonly #byId: Map<string, Connection> = new Map()
  readonly #byUser: Map<string, Set<Connection>> = new Map()
  readonly #maxPerUser: number

  /** @param maxPerUser 0 is no limit. */
  constructor(maxPerUser: number) {
    this.#maxPerUser = maxPerUser
  }

  get size(): number {
    return this.#byId.size
  }

  /** Adds one whose user is not known yet. */
  add(connection: Connection): void {
    this.#byId.set(connection.id, connection)
  }

  /** Its user is known now; false when that one has too many connections. Anonymous ones are not counted. */
  identify(connection: Connection): boolean {
    const { user } = connection
    if (user === '') return true
    const known = this.#byUser.get(user)
    if (known === undefined) this.#byUser.set(user, new Set([connection]))
    else if (this.#maxPerUser > 0 && known.size >= this.#maxPerUser) return false
    else known.add(connection)
    return true
  }

  remove(connection: Connection): void {
    this.#byId.delete(connection.id)
    const known = this.#byUser.get(connection.user)
    if (known?.delete(connection) === true && known.size === 0) this.#byUser.delete(connection.user)
  }

  find(id: string): Connection | undefined {
    return this.#byId.get(id)
  }

  /** All connections of a user; a copy, since what is done with them may end them. */
  ofUser(user: string): Connection[] {
    return [...(this.#byUser.get(user) ?? [])]
  }

  /** A copy of all. */
  all(): Connection[] {
    return [...this.#byId.values()]
  }
}
