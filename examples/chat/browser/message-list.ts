import type { PlacedMessage } from './chat-room.ts'
import { element, find } from './element.ts'
import { messageItem } from './message-item.ts'
import { OlderMessages } from './older-messages.ts'
import { PendingList, type PendingListener } from './pending-list.ts'
import { dayName, isSameDay, timeStamp } from './time.ts'

const GROUP_MS = 3 * 60_000
const MOST_SHOWN = 500
const NEAR_END_PX = 80

/** What an item may follow: `from` is undefined for a line. */
interface Previous {
  readonly from: string | undefined
  readonly at: number
}

/** What a {@link MessageList} asks the page for. */
export interface MessageListListener extends PendingListener {
  /** Gives the messages before one; none when no more are kept. */
  onOlder(first: PlacedMessage): Promise<readonly PlacedMessage[]>
}

/** The messages of a room, in its order, then one's own that are not in it yet. */
export class MessageList {
  readonly pending: PendingList
  readonly #scroller = find('#scroller', HTMLElement)
  readonly #log = find('#log', HTMLElement)
  readonly #jump = find('#jump', HTMLButtonElement)
  readonly #older: OlderMessages
  /** The messages that are shown, by their items. */
  readonly #shown = new Map<Element, PlacedMessage>()
  #you = ''
  #last: Previous | undefined
  /** Whether the reader is at the end and wants to stay there. */
  #isAtEnd = true
  #unseen = 0

  constructor(listener: MessageListListener) {
    this.pending = new PendingList(listener, (isNew) => (isNew ? this.#scrollToEnd() : this.#follow()))
    this.#older = new OlderMessages(async () => {
      const [first] = this.#shown.values()
      const messages = first === undefined ? [] : await listener.onOlder(first)
      if (first === this.#shown.values().next().value) this.#prepend(messages)
      return messages
    })
    this.#scroller.addEventListener('scroll', () => this.#noticePosition(), { passive: true })
    this.#jump.addEventListener('click', () => this.#scrollToEnd())
    // The composer grows, the keyboard opens: who was at the end stays there.
    new ResizeObserver(() => this.#follow()).observe(this.#scroller)
  }

  /** Empties it, for another visit. */
  open(you: string): void {
    this.#you = you
    this.#log.replaceChildren()
    this.#shown.clear()
    this.pending.clear()
    this.#older.reset()
    this.#last = undefined
    this.#scrollToEnd()
  }

  /** Adds many without reading them all out. */
  addAll(messages: readonly PlacedMessage[]): void {
    this.#log.setAttribute('aria-live', 'off')
    for (const message of messages) this.#append(message)
    this.#older.setFirst(this.#first)
    // Whoever reads out looks at the changes a moment later.
    setTimeout(() => this.#log.setAttribute('aria-live', 'polite'), 500)
  }

  add(message: PlacedMessage): void {
    this.#append(message)
    if (message.from === this.#you) this.#scrollToEnd()
    else if (!this.#isAtEnd) this.#showUnseen(this.#unseen + 1)
  }

  /** A line about the room: who came, who left, what happened. */
  addLine(text: string, weight: 'quiet' | 'important' = 'quiet'): void {
    const at = Date.now()
    const line = element('span', { dir: 'auto' }, text)
    this.#log.append(...this.#dayBefore(at, this.#last))
    this.#log.append(element('li', { class: `line ${weight}` }, line, ' ', timeStamp(at)))
    this.#last = { from: undefined, at }
    this.#trim()
  }

  get #first(): PlacedMessage | undefined {
    return this.#shown.values().next().value
  }

  #append(message: PlacedMessage): void {
    this.#log.append(...this.#render(message, this.#last))
    this.#last = message
    this.#trim()
  }

  /** Adds above, and leaves what the reader sees where it is. */
  #prepend(messages: readonly PlacedMessage[]): void {
    const shown = [...this.#shown]
    this.#shown.clear()
    let previous: Previous | undefined
    const items = messages.flatMap((message) => {
      const rendered = this.#render(message, previous)
      previous = message
      return rendered
    })
    for (const [item, message] of shown) this.#shown.set(item, message)
    const [, first] = shown[0] ?? []
    const top = this.#log.firstElementChild
    if (previous && first && isSameDay(previous.at, first.at) && top?.matches('.day')) top.remove()
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop
    this.#log.prepend(...items)
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd
  }

  #render(message: PlacedMessage, previous: Previous | undefined): Element[] {
    const { from, at } = message
    const follows = previous?.from === from && at - previous.at < GROUP_MS && isSameDay(previous.at, at)
    const item = messageItem(message, { isOwn: from === this.#you, follows })
    this.#shown.set(item, message)
    return [...this.#dayBefore(at, previous), item]
  }

  #dayBefore(at: number, previous: Previous | undefined): Element[] {
    if (previous !== undefined && isSameDay(previous.at, at)) return []
    // What was today when it was added may be yesterday by now.
    for (const day of this.#log.querySelectorAll('.day')) {
      day.textContent = dayName(Number(day.getAttribute('data-at')))
    }
    return [element('li', { class: 'day', 'data-at': String(at) }, dayName(at))]
  }

  /** Keeps the page small for a reader who is at the end. */
  #trim(): void {
    while (this.#isAtEnd && this.#log.childElementCount > MOST_SHOWN) {
      const item = this.#log.firstElementChild
      if (item === null) break
      item.remove()
      if (this.#shown.delete(item)) this.#older.setFirst(this.#first)
    }
    this.#follow()
  }

  /** Stays at the end for a reader who is there; leaves alone who reads further up. */
  #follow(): void {
    if (this.#isAtEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  #scrollToEnd(): void {
    this.#isAtEnd = true
    this.#follow()
    this.#showUnseen(0)
  }

  #noticePosition(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
    if (this.#isAtEnd) this.#showUnseen(0)
    else this.#jump.hidden = false
  }

  #showUnseen(count: number): void {
    this.#unseen = count
    this.#jump.hidden = this.#isAtEnd
    const text = count === 0 ? 'Latest messages' : count === 1 ? '1 new message' : `${count} new messages`
    find('span', HTMLElement, this.#jump).textContent = text
    this.#jump.classList.toggle('has-news', count > 0)
  }
}
