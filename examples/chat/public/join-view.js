import { element, find } from './element.js'
import { lasting } from './memory.js'

const ROOM = /^[\p{Ll}\p{Lo}\p{M}\p{N}_-]{1,40}$/u

/** The first screen: who are you, and where do you want to go. */
export class JoinView {
  #form = find('#join-form', HTMLFormElement)
  #name = find('#join-name', HTMLInputElement)
  #room = find('#join-room', HTMLInputElement)
  #rooms = find('#join-rooms', HTMLElement)
  #roomList = find('#join-room-list', HTMLElement)

  /** @param {{ onJoin: (visit: { name: string, room: string }) => void }} listener */
  constructor({ onJoin }) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      // The last one that is wrong gets the focus: from the bottom to the top.
      const room = this.#check(
        this.#room,
        roomName(this.#room.value),
        'Use letters, digits, - and _; 40 at most.',
      )
      const name = this.#check(this.#name, cleanName(this.#name.value), 'Tell the others what to call you.')
      if (name === undefined || room === undefined) return
      lasting.set('name', name)
      lasting.set('room', room)
      onJoin({ name, room })
    })
    for (const input of [this.#name, this.#room])
      input.addEventListener('input', () => this.#setError(input, ''))
  }

  /** @param {string} [room] where an address or an earlier visit leads. */
  show(room) {
    this.#name.value = lasting.get('name')
    this.#room.value = room ?? (lasting.get('room') || 'lobby')
    for (const input of [this.#name, this.#room]) this.#setError(input, '')
    const first = this.#name.value === '' ? this.#name : this.#room
    first.focus()
    void this.#showRooms()
  }

  async #showRooms() {
    const rooms = await openRooms()
    this.#rooms.hidden = rooms.length === 0
    this.#roomList.replaceChildren(...rooms.map((room) => this.#roomItem(room)))
  }

  /** @param {{ name: string, size: number }} room */
  #roomItem({ name, size }) {
    const people = size === 1 ? '1 person' : `${size} people`
    const button = element('button', { type: 'button', class: 'room-chip' }, element('bdi', {}, `#${name}`))
    button.append(element('span', { class: 'room-size', 'aria-label': people, title: people }, String(size)))
    button.addEventListener('click', () => {
      this.#room.value = name
      this.#setError(this.#room, '')
      this.#form.requestSubmit()
    })
    return element('li', {}, button)
  }

  /**
   * @param {HTMLInputElement} input
   * @param {string | undefined} value
   * @param {string} problem
   */
  #check(input, value, problem) {
    this.#setError(input, value === undefined ? problem : '')
    if (value === undefined) input.focus()
    return value
  }

  /**
   * @param {HTMLInputElement} input
   * @param {string} problem
   */
  #setError(input, problem) {
    const error = find(`#${input.id}-error`, HTMLElement)
    error.textContent = problem
    input.setAttribute('aria-invalid', String(problem !== ''))
  }
}

/**
 * A name as the server takes it; undefined when nothing is left.
 *
 * @param {string} text
 */
export function cleanName(text) {
  const line = text
    .normalize('NFKC')
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  return /^.{0,24}/u.exec(line)?.[0].trim() || undefined
}

/**
 * A room as it is in its address; undefined when the text can be none.
 *
 * @param {string} text
 */
export function roomName(text) {
  const name = text.normalize('NFKC').trim().replace(/^#/u, '').toLowerCase().replaceAll(/\s+/gu, '-')
  return ROOM.test(name) ? name : undefined
}

/** @returns {Promise<{ name: string, size: number }[]>} the rooms with people in them, the fullest first. */
async function openRooms() {
  try {
    const response = await fetch('/rooms')
    /** @type {{ name: string, size: number }[]} */
    const rooms = response.ok ? await response.json() : []
    return rooms
      .filter(({ size }) => size > 0)
      .toSorted((a, b) => b.size - a.size)
      .slice(0, 6)
  } catch {
    return [] // The list is a convenience.
  }
}
