import { avatar, hue } from './avatar.js'
import { element, find } from './element.js'
import { linkify } from './linkify.js'
import { dayName, isSameDay, timeStamp } from './time.js'

/** @typedef {import('./chat-room.js').ChatMessage} ChatMessage */
/** @typedef {import('./chat-room.js').Outcome} Outcome */

const GROUP_MS = 3 * 60_000
const MOST_SHOWN = 500
const NEAR_END_PX = 80
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,12}$/u

const OUTCOMES = {
  sending: 'Sending…',
  unsure: 'Connection lost; it may not have arrived',
  failed: 'Not sent',
}

/** Reasons of the server, for people. */
const REASONS = new Map([
  ['too-fast', 'Not sent: too many messages at once'],
  ['wrong-length', 'Not sent: too long'],
])

/** The messages of a room, in the order of the server, then one's own that it has not confirmed. */
export class MessageList {
  #scroller = find('#scroller', HTMLElement)
  #log = find('#log', HTMLElement)
  #pendingList = find('#pending', HTMLElement)
  #jump = find('#jump', HTMLButtonElement)
  /** @type {Map<string, HTMLElement>} */
  #pendingItems = new Map()
  /** @type {{ name: string, at: number } | undefined} What the next message may follow. */
  #last
  /** @type {number | undefined} */
  #lastDay
  /** Whether the reader is at the end and wants to stay there. */
  #isAtEnd = true
  #unseen = 0
  #onAnswer

  /** @param {{ onRetry: (ref: string) => void, onDiscard: (ref: string) => void }} onAnswer for messages that were not sent. */
  constructor(onAnswer) {
    this.#onAnswer = onAnswer
    this.#scroller.addEventListener('scroll', () => this.#noticePosition(), { passive: true })
    this.#jump.addEventListener('click', () => this.#scrollToEnd())
    // The composer grows, the keyboard opens: who was at the end stays there.
    new ResizeObserver(() => this.#follow()).observe(this.#scroller)
  }

  /** Empties it, for another room. */
  clear() {
    this.#log.replaceChildren()
    this.#pendingList.replaceChildren()
    this.#pendingItems.clear()
    this.#last = this.#lastDay = undefined
    this.#scrollToEnd()
  }

  /**
   * Adds many without reading them all out.
   *
   * @param {readonly ChatMessage[]} messages
   * @param {string} you
   */
  addAll(messages, you) {
    this.#log.setAttribute('aria-live', 'off')
    for (const message of messages) this.add(message, you)
    // Whoever reads out looks at the changes a moment later.
    setTimeout(() => this.#log.setAttribute('aria-live', 'polite'), 500)
  }

  /**
   * @param {ChatMessage} message
   * @param {string} you
   */
  add(message, you) {
    this.#addDay(message.at)
    const isOwn = message.name === you
    const item = messageItem(message, { isOwn, follows: this.#follows(message) })
    this.#last = message
    this.#append(item)
    if (isOwn) this.#scrollToEnd()
    else if (!this.#isAtEnd) this.#showUnseen(this.#unseen + 1)
  }

  /**
   * A line about the room: who came, who left, what happened.
   *
   * @param {string} text
   * @param {number} at
   * @param {'quiet' | 'important'} [weight]
   */
  addLine(text, at, weight = 'quiet') {
    this.#addDay(at)
    this.#last = undefined
    this.#append(
      element('li', { class: `line ${weight}` }, element('span', { dir: 'auto' }, text), ' ', timeStamp(at)),
    )
  }

  /**
   * Shows a message of one's own that is not confirmed, or what has become of it.
   *
   * @param {ChatMessage} message
   * @param {Outcome} outcome
   * @param {string} [reason]
   */
  setPending(message, outcome, reason) {
    const ref = message.ref ?? ''
    const item = messageItem(message, { isOwn: true, follows: false })
    item.classList.add('is-pending', `is-${outcome}`)
    const note = element('p', { class: 'note' }, REASONS.get(reason ?? '') ?? OUTCOMES[outcome])
    if (outcome === 'failed') {
      note.append(
        ' ',
        this.#button('Try again', () => this.#onAnswer.onRetry(ref)),
      )
      note.append(
        ' ',
        this.#button('Delete', () => this.#onAnswer.onDiscard(ref)),
      )
    }
    find('.body', HTMLElement, item).append(note)

    const old = this.#pendingItems.get(ref)
    this.#pendingItems.set(ref, item)
    if (old === undefined) {
      this.#pendingList.append(item)
      this.#scrollToEnd()
    } else {
      old.replaceWith(item)
      this.#follow()
    }
  }

  /** @param {ChatMessage} message */
  removePending({ ref = '' }) {
    this.#pendingItems.get(ref)?.remove()
    this.#pendingItems.delete(ref)
  }

  /** @param {ChatMessage} message */
  #follows({ name, at }) {
    return this.#last !== undefined && this.#last.name === name && at - this.#last.at < GROUP_MS
  }

  /** @param {number} at */
  #addDay(at) {
    if (this.#lastDay !== undefined && isSameDay(this.#lastDay, at)) return
    this.#lastDay = at
    this.#last = undefined
    this.#log.append(element('li', { class: 'day', 'data-at': String(at) }))
    // What was today when it was added may be yesterday by now.
    for (const separator of this.#log.querySelectorAll('.day')) {
      separator.textContent = dayName(Number(separator.getAttribute('data-at')))
    }
  }

  /** @param {HTMLElement} item */
  #append(item) {
    this.#log.append(item)
    while (this.#log.childElementCount > MOST_SHOWN) this.#log.firstElementChild?.remove()
    this.#follow()
  }

  /** Stays at the end for a reader who is there; leaves alone who reads further up. */
  #follow() {
    if (this.#isAtEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight
  }

  #scrollToEnd() {
    this.#isAtEnd = true
    this.#follow()
    this.#showUnseen(0)
  }

  #noticePosition() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
    if (this.#isAtEnd) this.#showUnseen(0)
    else this.#jump.hidden = false
  }

  /** @param {number} count */
  #showUnseen(count) {
    this.#unseen = count
    this.#jump.hidden = this.#isAtEnd
    const text = count === 0 ? 'Latest messages' : count === 1 ? '1 new message' : `${count} new messages`
    find('span', HTMLElement, this.#jump).textContent = text
    this.#jump.classList.toggle('has-news', count > 0)
  }

  /**
   * @param {string} text
   * @param {() => void} onClick
   */
  #button(text, onClick) {
    const button = element('button', { type: 'button', class: 'text-button' }, text)
    button.addEventListener('click', onClick)
    return button
  }
}

/**
 * @param {ChatMessage} message
 * @param {{ isOwn: boolean, follows: boolean }} options `follows` its writer's last one, so that the name is not shown again.
 */
function messageItem({ name, text, at }, { isOwn, follows }) {
  const writer = element('bdi', { class: 'writer' }, isOwn ? 'You' : name)
  if (!isOwn) writer.style.setProperty('--hue', String(hue(name)))
  const bubble = element('div', { class: 'bubble', dir: 'auto' }, ...linkify(text))
  if (ONLY_EMOJI.test(text) && /\p{Extended_Pictographic}/u.test(text)) bubble.classList.add('is-emoji')
  const meta = element('p', { class: 'meta' }, writer, ' ', timeStamp(at))
  const item = element(
    'li',
    { class: 'message' },
    avatar(name),
    element('div', { class: 'body' }, meta, bubble),
  )
  item.classList.toggle('is-own', isOwn)
  item.classList.toggle('follows', follows)
  return item
}
