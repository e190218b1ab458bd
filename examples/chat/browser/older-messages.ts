import type { PlacedMessage } from './chat-room.ts'
import { find } from './element.ts'

/** The top of the messages: brings earlier ones when it is scrolled to, or says that there are none. */
export class OlderMessages {
  readonly #load: () => Promise<readonly PlacedMessage[]>
  readonly #button = find('#older', HTMLButtonElement)
  readonly #end = find('#older-end', HTMLElement)
  #isLoading = false

  /** @param load adds the messages before the first one and resolves with them. */
  constructor(load: () => Promise<readonly PlacedMessage[]>) {
    this.#load = load
    this.#button.addEventListener('click', () => void this.#bring())
    // A screen ahead, so that who scrolls on does not have to wait.
    const options = { root: find('#scroller', HTMLElement), rootMargin: '100% 0px 0px' }
    new IntersectionObserver(([seen]) => seen?.isIntersecting && void this.#bring(), options).observe(
      this.#button,
    )
  }

  /** Another room: nothing is known. */
  reset(): void {
    this.#button.hidden = this.#end.hidden = true
  }

  /** @param first the first message that is shown: only the one with offset 1 has none before it. */
  setFirst(first: PlacedMessage | undefined): void {
    this.#button.hidden = first === undefined || first.position.offset === 1
    this.#end.hidden = true
  }

  async #bring(): Promise<void> {
    if (this.#isLoading || this.#button.hidden) return
    this.#isLoading = true
    this.#button.textContent = 'Loading…'
    try {
      const messages = await this.#load()
      if (messages.length > 0) this.setFirst(messages[0])
      else this.#end.hidden = !(this.#button.hidden = true)
    } catch {
      // No connection: the button is still there.
    }
    this.#isLoading = false
    this.#button.textContent = 'Show earlier messages'
  }
}
