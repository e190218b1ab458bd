import { avatar } from './avatar.js'
import { element, find } from './element.js'

/** Who is in the room, and who of them is typing. Beside the messages, or in a drawer where there is no room for it. */
export class MemberList {
  #panel = find('#people', HTMLElement)
  #chat = find('#conversation', HTMLElement)
  #open = find('#people-open', HTMLButtonElement)
  #close = find('#people-close', HTMLButtonElement)
  #backdrop = find('#people-backdrop', HTMLElement)
  #list = find('#people-list', HTMLElement)
  #isNarrow = matchMedia('(max-width: 52rem)')

  constructor() {
    this.#open.addEventListener('click', () => this.#setOpen(true))
    this.#close.addEventListener('click', () => this.#setOpen(false))
    this.#backdrop.addEventListener('click', () => this.#setOpen(false))
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#setOpen(false)
    })
    this.#isNarrow.addEventListener('change', () => this.#setOpen(false))
    this.#setOpen(false)
  }

  /**
   * @param {Iterable<string>} members
   * @param {string} you
   * @param {readonly string[]} typists
   * @param {boolean} isCurrent whether that is so now, or was when the connection was lost.
   */
  show(members, you, typists, isCurrent) {
    const others = [...members].filter((name) => name !== you).toSorted((a, b) => a.localeCompare(b))
    const names = [you, ...others]
    this.#list.replaceChildren(...names.map((name) => memberItem(name, name === you, typists.includes(name))))
    find('#people-count', HTMLElement).textContent = String(names.length)
    find('#people-open-count', HTMLElement).textContent = String(names.length)
    const summary = names.length === 1 ? 'Only you are here' : `${names.length} people here`
    find('#people-summary', HTMLElement).textContent = isCurrent ? summary : 'Waiting for the connection'
    this.#panel.classList.toggle('is-stale', !isCurrent)
    this.#open.setAttribute('aria-label', `People: ${names.length}`)
  }

  /** @param {boolean} isOpen matters on narrow screens only. */
  #setOpen(isOpen) {
    const wasOpen = this.#panel.classList.contains('is-open')
    this.#panel.classList.toggle('is-open', isOpen)
    this.#backdrop.hidden = !isOpen
    this.#open.setAttribute('aria-expanded', String(isOpen))
    this.#panel.inert = this.#isNarrow.matches && !isOpen
    this.#chat.inert = isOpen
    if (isOpen) this.#close.focus()
    else if (wasOpen) this.#open.focus()
  }
}

/**
 * @param {string} name
 * @param {boolean} isYou
 * @param {boolean} isTyping
 */
function memberItem(name, isYou, isTyping) {
  const item = element(
    'li',
    { class: 'member' },
    avatar(name),
    element('bdi', { class: 'member-name' }, name),
  )
  if (isYou) item.append(element('span', { class: 'tag' }, 'you'))
  if (isTyping) item.append(typingDots())
  return item
}

/** Three dots that move. */
export function typingDots() {
  return element('span', { class: 'dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'))
}
