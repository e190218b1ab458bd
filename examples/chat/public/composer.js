import { element, find } from './element.js'
import { tab } from './memory.js'

const LONGEST = 2_000
const COUNT_FROM = 1_800
const TYPING_EVERY_MS = 2_500
const TYPING_PAUSE_MS = 5_000

/** Where messages are written. Keeps what is unsent, through lost connections and reloads of the tab. */
export class Composer {
  #form = find('#composer', HTMLFormElement)
  #input = find('#composer-input', HTMLTextAreaElement)
  #send = find('#composer-send', HTMLButtonElement)
  #count = find('#composer-count', HTMLElement)
  #isOnline = false
  #room = ''
  #typingToldAt = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pauseTimer
  #onSend
  #onTyping

  /** @param {{ onSend: (text: string) => void, onTyping: (isTyping: boolean) => void }} listener */
  constructor({ onSend, onTyping }) {
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

  /** @param {string} room whose unsent text is taken up again. */
  open(room) {
    this.#room = room
    this.#input.value = tab.get(`draft.${room}`)
    this.#input.placeholder = `Message #${room}`
    this.#refresh()
  }

  focus() {
    this.#input.focus()
  }

  /** @param {boolean} isOnline whether messages can be sent now; text can be written always. */
  setOnline(isOnline) {
    this.#isOnline = isOnline
    this.#refresh()
  }

  #submit() {
    const text = this.#input.value.trim()
    if (text === '' || text.length > LONGEST || !this.#isOnline) return
    this.#setTyping(false)
    this.#input.value = ''
    this.#refresh()
    this.#onSend(text)
    this.#input.focus()
  }

  #noticeInput() {
    this.#refresh()
    this.#setTyping(this.#input.value.trim() !== '')
  }

  /** @param {boolean} isTyping */
  #setTyping(isTyping) {
    clearTimeout(this.#pauseTimer)
    if (isTyping) {
      this.#pauseTimer = setTimeout(() => this.#setTyping(false), TYPING_PAUSE_MS)
      if (Date.now() - this.#typingToldAt < TYPING_EVERY_MS) return
    }
    this.#typingToldAt = isTyping ? Date.now() : 0
    this.#onTyping(isTyping)
  }

  #refresh() {
    const { length } = this.#input.value.trim()
    const isTooLong = length > LONGEST
    tab.set(`draft.${this.#room}`, this.#input.value)
    this.#send.disabled = length === 0 || isTooLong || !this.#isOnline
    this.#count.hidden = length < COUNT_FROM
    this.#count.textContent = isTooLong
      ? `${length - LONGEST} characters too many`
      : `${LONGEST - length} characters left`
    this.#count.classList.toggle('is-wrong', isTooLong)
    this.#input.setAttribute('aria-invalid', String(isTooLong))
    this.#fit()
  }

  /** As high as its text, up to the limit in the style sheet. */
  #fit() {
    this.#input.style.height = 'auto'
    this.#input.style.height = `${this.#input.scrollHeight}px`
  }
}

/**
 * `Ada is typing…`
 *
 * @param {readonly string[]} names
 * @returns {Node[]}
 */
export function typingNotice(names) {
  const [first, second] = names
  if (first === undefined) return []
  if (second === undefined) return [element('bdi', {}, first), new Text(' is typing…')]
  if (names.length > 2) return [new Text(`${names.length} people are typing…`)]
  return [element('bdi', {}, first), new Text(' and '), element('bdi', {}, second), new Text(' are typing…')]
}
