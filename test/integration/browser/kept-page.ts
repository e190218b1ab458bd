import { connect, type Client } from 'goweb/client'
import { persistentOutbox, type PersistentOutbox } from 'goweb/client/outbox'

/** What a page is opened with. */
export interface KeptPageStart {
  /** Address of the server. */
  readonly url: string
  /** Whose outbox it is. */
  readonly user: string
  /** Who the server takes it for. Default: the same. */
  readonly token?: string
  readonly resendWindowMs?: number
}

/** What tests see of the page. */
export interface KeptPageState {
  /** What became of publishes, in the order in which it was known. */
  readonly outcomes: readonly string[]
  /** What waits: data and state. */
  readonly waiting: readonly string[]
  /** Codes of what went to `onError`. */
  readonly errors: readonly string[]
  /** The connection's state, with the code of the last change. */
  readonly connection: string
  readonly isPersistent: boolean
}

/** The page, as its tests call it: an app with an outbox and one room. */
export class KeptPage {
  readonly #outcomes: string[] = []
  readonly #errors: string[] = []
  #client: Client | undefined
  #outbox: PersistentOutbox | undefined
  #code = 0

  start({ url, user, token = user, resendWindowMs = 60_000 }: KeptPageStart): void {
    const outbox = persistentOutbox({ user })
    this.#outbox = outbox
    const tell = (data: unknown, isRestored: boolean, end: string): void => {
      this.#outcomes.push(`${isRestored ? 'restored ' : ''}${String(data)} ${end}`)
    }
    outbox.on('stored', ({ data, isRestored }) => tell(data, isRestored, 'stored'))
    outbox.on('failed', ({ publish, error }) => tell(publish.data, publish.isRestored, error.code))
    this.#client = connect(url, {
      outbox,
      getToken: () => token,
      resendWindowMs,
      minReconnectDelayMs: 20,
      maxReconnectDelayMs: 60,
      onError: (error) => this.#errors.push((error as { code?: string }).code ?? String(error)),
    })
    this.#client.on('state', ({ code }) => (this.#code = code))
  }

  publish(room: string, ...texts: string[]): void {
    const subscription = this.#client!.channel('rooms/{room}', { room })
    // The outbox tells what becomes of them.
    for (const text of texts) subscription.publish(text).catch(() => {})
  }

  written(): Promise<void> {
    return this.#outbox!.written()
  }

  /** Clears the outbox; gives the code of the failure, if there was one. */
  async clear(): Promise<string> {
    try {
      await this.#outbox!.clear()
      return ''
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  close(): void {
    this.#client!.close()
  }

  get state(): KeptPageState {
    const { publishes = [], isPersistent = false } = this.#outbox ?? {}
    // Plain, so that a test can take parts of it.
    return {
      outcomes: this.#outcomes,
      waiting: publishes.map(({ data, state }) => `${data as string} ${state}`),
      errors: this.#errors,
      connection: `${this.#client?.state} ${this.#code}`,
      isPersistent,
    }
  }
}

Object.assign(globalThis, { kept: new KeptPage() })
