import { avatar } from './avatar.ts'
import { element, find } from './element.ts'

/** Who is in the room, and who of them is typing. Beside the messages, or in a drawer where there is no room for it. */
export class MemberList {
  readonly #panel = find('#people', HTMLElement)
  readonly #chat = find('#conversation', HTMLElement)
  readonly #open = find('#people-open', HTMLButtonElement)
  readonly #close = find('#people-close', HTMLButtonElement)
  readonly #backdrop = find('#people-backdrop', HTMLElement)
  readonly #list = find('#people-list', HTMLElement)
  readonly #isNarrow = matchMedia('(max-width: 52rem)')

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
   * @param devices how many each person is here with.
   * @param options `isCurrent`: whether that is so now, or was when the connection was lost.
   */
  show(
    devices: ReadonlyMap<string, number>,
    { you, typists, isCurrent }: { you: string; typists: readonly string[]; isCurrent: boolean },
  ): void {
    const others = [...devices.keys()].filter((name) => name !== you).toSorted((a, b) => a.localeCompare(b))
    const names = [you, ...others]
    this.#list.replaceChildren(
      ...names.map((name) =>
        memberItem(name, {
          devices: devices.get(name) ?? 1,
          isYou: name === you,
          isTyping: typists.includes(name),
        }),
      ),
    )
    find('#people-count', HTMLElement).textContent = String(names.length)
    find('#people-open-count', HTMLElement).textContent = String(names.length)
    const summary = names.length === 1 ? 'Only you are here' : `${names.length} people here`
    find('#people-summary', HTMLElement).textContent = isCurrent ? summary : 'Waiting for the connection'
    this.#panel.classList.toggle('is-stale', !isCurrent)
    this.#open.setAttribute('aria-label', `People: ${names.length}`)
  }

  /** @param isOpen matters on narrow screens only. */
  #setOpen(isOpen: boolean): void {
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

function memberItem(
  name: string,
  { devices, isYou, isTyping }: { devices: number; isYou: boolean; isTyping: boolean },
): HTMLElement {
  const item = element(
    'li',
    { class: 'member' },
    avatar(name),
    element('bdi', { class: 'member-name' }, name),
  )
  if (isYou) item.append(element('span', { class: 'tag' }, 'you'))
  if (devices > 1) item.append(element('span', { class: 'tag' }, `${devices} devices`))
  if (isTyping) item.append(typingDots())
  return item
}

/** Three dots that move. */
export function typingDots(): HTMLElement {
  return element('span', { class: 'dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'))
}
