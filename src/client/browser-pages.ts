/* oxlint-disable unicorn/prefer-add-event-listener, unicorn/require-post-message-target-origin -- a BroadcastChannel has no targets */
import type { OutboxPages, PageEvents } from './outbox-device.ts'

/** As much of the Web Locks API as the outbox uses. */
export interface LocksLike {
  request(
    name: string,
    options: { readonly signal?: AbortSignal },
    callback: () => Promise<void>,
  ): Promise<unknown>
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>
}

interface PageMessage {
  /** Id of a page that has come; undefined: all was deleted. */
  readonly page: string | undefined
}

/**
 * The pages of a user, told apart by Web Locks: each holds one for as long as it lives, which the browser takes away from it
 * when it is closed, reloaded, or crashes. Who waits for that lock learns of it, one after the other.
 */
export class BrowserPages implements OutboxPages {
  readonly #locks: LocksLike
  readonly #prefix: string
  readonly #page: string
  readonly #news: BroadcastChannel
  readonly #end: AbortController = new AbortController()
  #release: () => void = () => {}

  /** For {@link BrowserPages.join}, before which it is not living. */
  constructor(locks: LocksLike, user: string, page: string) {
    this.#locks = locks
    this.#prefix = `goweb-outbox:${user}:`
    this.#page = page
    this.#news = new BroadcastChannel(this.#prefix)
  }

  static async join(
    locks: LocksLike,
    { user, page }: { readonly user: string; readonly page: string },
    events: PageEvents,
  ): Promise<BrowserPages> {
    const pages = new BrowserPages(locks, user, page)
    // It listens before it lives, and tells afterwards: of two that come at the same time each learns of the other.
    pages.#news.onmessage = ({ data }: { data: unknown }) => {
      const { page: other } = data as PageMessage
      if (other === undefined) events.onCleared()
      else events.onPage(other)
    }
    await pages.#live()
    pages.#tell(page)
    return pages
  }

  async living(): Promise<ReadonlySet<string>> {
    const { held = [] } = await this.#locks.query()
    const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(this.#prefix))
    const ids = new Set(names.map((name) => name.slice(this.#prefix.length)))
    ids.delete(this.#page)
    return ids
  }

  async afterEnd(page: string, action: () => Promise<void>): Promise<void> {
    const { signal } = this.#end
    try {
      await this.#locks.request(this.#prefix + page, { signal }, action)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  tellCleared(): void {
    this.#tell(undefined)
  }

  leave(): void {
    this.#news.close()
    this.#end.abort()
    this.#release()
  }

  #tell(page: string | undefined): void {
    const message: PageMessage = { page }
    this.#news.postMessage(message)
  }

  #live(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#locks
        .request(this.#prefix + this.#page, {}, () => {
          resolve()
          return new Promise((release) => {
            this.#release = release
          })
        })
        .catch(reject)
    })
  }
}
