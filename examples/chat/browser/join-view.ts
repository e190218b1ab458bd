import { cleanName, isRoomName } from '../rules.ts'
import type { Visit } from './chat-room.ts'
import { element, find } from './element.ts'
import { lasting } from './memory.ts'

interface OpenRoom {
  readonly name: string
  readonly size: number
}

/** The first screen: who are you, and where do you want to go. */
export class JoinView {
  readonly #form = find('#join-form', HTMLFormElement)
  readonly #name = find('#join-name', HTMLInputElement)
  readonly #room = find('#join-room', HTMLInputElement)
  readonly #rooms = find('#join-rooms', HTMLElement)
  readonly #roomList = find('#join-room-list', HTMLElement)

  constructor({ onJoin }: { onJoin: (visit: Visit) => void }) {
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

  /** @param room where an address or an earlier visit leads. */
  show(room: string | undefined): void {
    this.#name.value = lasting.get('name')
    this.#room.value = room ?? (lasting.get('room') || 'lobby')
    for (const input of [this.#name, this.#room]) this.#setError(input, '')
    const first = this.#name.value === '' ? this.#name : this.#room
    first.focus()
    void this.#showRooms()
  }

  async #showRooms(): Promise<void> {
    const rooms = await openRooms()
    this.#rooms.hidden = rooms.length === 0
    this.#roomList.replaceChildren(...rooms.map((room) => this.#roomItem(room)))
  }

  #roomItem({ name, size }: OpenRoom): HTMLElement {
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

  #check(input: HTMLInputElement, value: string | undefined, problem: string): string | undefined {
    this.#setError(input, value === undefined ? problem : '')
    if (value === undefined) input.focus()
    return value
  }

  #setError(input: HTMLInputElement, problem: string): void {
    find(`#${input.id}-error`, HTMLElement).textContent = problem
    input.setAttribute('aria-invalid', String(problem !== ''))
  }
}

/** A room as it is in its address; undefined when the text can be none. */
export function roomName(text: string): string | undefined {
  const name = text.normalize('NFKC').trim().replace(/^#/u, '').toLowerCase().replaceAll(/\s+/gu, '-')
  return isRoomName(name) ? name : undefined
}

/** The rooms with people in them, the fullest first. */
async function openRooms(): Promise<OpenRoom[]> {
  try {
    const response = await fetch('/rooms')
    const rooms = response.ok ? ((await response.json()) as OpenRoom[]) : []
    return rooms.toSorted((a, b) => b.size - a.size).slice(0, 6)
  } catch {
    return [] // The list is a convenience.
  }
}
