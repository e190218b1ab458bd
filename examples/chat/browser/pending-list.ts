import type { ChatMessage } from '../app.ts'
import { element, find } from './element.ts'
import { messageItem } from './message-item.ts'
import type { Outcome } from './outgoing.ts'

const NOTES: Readonly<Record<Outcome, string>> = {
  waiting: 'Waiting for the connection',
  sending: 'Sending…',
  unsure: 'Nobody knows whether it arrived',
  failed: 'Not sent',
}

/** What becomes of messages that were not sent. */
export interface PendingListener {
  onRetry(id: string): void
  onDelete(id: string): void
}

/** One's own messages that are not in the room yet, below all that are. */
export class PendingList {
  readonly #listener: PendingListener
  readonly #onChange: (isNew: boolean) => void
  readonly #list = find('#pending', HTMLElement)
  readonly #items = new Map<string, HTMLElement>()

  constructor(listener: PendingListener, onChange: (isNew: boolean) => void) {
    this.#listener = listener
    this.#onChange = onChange
  }

  /** Shows a message, or what has become of it. */
  set(message: ChatMessage, outcome: Outcome, reason?: string): void {
    const { id } = message
    const item = messageItem(message, { isOwn: true, follows: false })
    item.classList.add('is-pending', `is-${outcome}`)
    const note = element(
      'p',
      { class: 'note' },
      outcome === 'failed' && reason ? `Not sent: ${reason}` : NOTES[outcome],
    )
    if (outcome === 'failed' || outcome === 'unsure') {
      note.append(
        ' ',
        button(outcome === 'failed' ? 'Try again' : 'Send again', () => this.#listener.onRetry(id)),
      )
      note.append(
        ' ',
        button('Delete', () => this.#listener.onDelete(id)),
      )
    }
    find('.body', HTMLElement, item).append(note)
    const old = this.#items.get(id)
    this.#items.set(id, item)
    if (old === undefined) this.#list.append(item)
    else old.replaceWith(item)
    this.#onChange(old === undefined)
  }

  remove(id: string): void {
    this.#items.get(id)?.remove()
    this.#items.delete(id)
  }

  clear(): void {
    this.#list.replaceChildren()
    this.#items.clear()
  }
}

function button(text: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'text-button' }, text)
  made.addEventListener('click', onClick)
  return made
}
