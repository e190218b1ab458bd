import { LONGEST_TEXT } from '../rules.ts'
import { element, find } from './element.ts'
import { tab } from './memory.ts'

const COUNT_FROM = 1_800
const TYPING_EVERY_MS = 2_500
const TYPING_PAUSE_MS = 5_000

interface Listener {
  readonly onSend: (text: string) => void
  readonly onTyping: (isTyping: boolean) => void
}

/** Where messages are written. Keeps what is unsent, through reloads of the tab. */
export class Composer {
  readonly #form = find('#composer', HTMLFormElement)
  readonly #input = find('#composer-input', HTMLTextAreaElement)
  readonly #send = find('#composer-send', HTMLButtonElement)
  readonly #count = find('#composer-count', HTMLElement)
  readonly #onSend: (text: string) => void
  readonly #onTyping: (isTyping: boolean) => void
  #room = ''
  #typingToldAt = 0
  #pauseTimer: ReturnType<typeof setTimeout> | undefined

  constructor({ onSend, onTyping }: Listener) {
    this.#onSend = onSend
    this.#onTyping = onTyping
    // On a touch keyboard, Enter is the only way to a new line, and the button is at hand.
    const hasKeyboard = matchMedia('(pointer: fine)').matches
    this.#input.enterKeyHint = hasKeyboard ? 'send' : 'enter'
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
    this.#input.addEventListener('input', () => this.#noticeInput())
    this.#input.addEventListener('keydown', (event) => {
      // While an input method composes, Enter chooses a word.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !hasKeyboard) return
      event.preventDefault()
      this.#submit()
    })
  }

  /** @param room whose unsent text is taken up again. */
  open(room: string): void {
    this.#room = room
    this.#input.value = tab.get(`draft.${room}`)
    this.#input.placeholder = `Message #${room}`
    this.#refresh()
    this.#input.focus()
  }

  #submit(): void {
    const text = this.#input.value.trim()
    if (text === '' || text.length > LONGEST_TEXT) return
    this.#setTyping(false)
    this.#input.value = ''
    this.#refresh()
    this.#onSend(text)
    this.#input.focus()
  }

  #noticeInput(): void {
    this.#refresh()
    this.#setTyping(this.#input.value.trim() !== '')
  }

  #setTyping(isTyping: boolean): void {
    clearTimeout(this.#pauseTimer)
    if (isTyping) {
      this.#pauseTimer = setTimeout(() => this.#setTyping(false), TYPING_PAUSE_MS)
      if (Date.now() - this.#typingToldAt < TYPING_EVERY_MS) return
    }
    this.#typingToldAt = isTyping ? Date.now() : 0
    this.#onTyping(isTyping)
  }

  #refresh(): void {
    const { length } = this.#input.value.trim()
    const isTooLong = length > LONGEST_TEXT
    tab.set(`draft.${this.#room}`, this.#input.value)
    this.#send.disabled = length === 0 || isTooLong
    this.#count.hidden = length < COUNT_FROM
    this.#count.textContent = isTooLong
      ? `${length - LONGEST_TEXT} characters too many`
      : `${LONGEST_TEXT - length} characters left`
    this.#count.classList.toggle('is-wrong', isTooLong)
    this.#input.setAttribute('aria-invalid', String(isTooLong))
    this.#fit()
  }

  /** As high as its text, up to the limit in the style sheet. */
  #fit(): void {
    this.#input.style.height = 'auto'
    this.#input.style.height = `${this.#input.scrollHeight}px`
  }
}

/** `Ada is typing…` */
export function typingNotice(names: readonly string[]): Node[] {
  const [first, second] = names
  if (first === undefined) return []
  if (second === undefined) return [element('bdi', {}, first), new Text(' is typing…')]
  if (names.length > 2) return [new Text(`${names.length} people are typing…`)]
  return [element('bdi', {}, first), new Text(' and '), element('bdi', {}, second), new Text(' are typing…')]
}
