import type { RoomState } from './chat-room.ts'
import { find } from './element.ts'

type Phase = RoomState['phase']

const NAMES: Readonly<Record<Phase, string>> = {
  connecting: 'Connecting…',
  online: 'Online',
  reconnecting: 'Reconnecting…',
  offline: 'Offline',
  closed: 'Disconnected',
}

const MEANINGS: Readonly<Record<Phase, string>> = {
  connecting: '',
  online: '',
  reconnecting: 'The connection was lost. What you send waits here until it is back.',
  offline: 'This device is offline. What you send waits here until it is back.',
  closed: 'The server ended the connection.',
}

/** Tells how the connection is: a badge, and what that means for messages while it is not well. */
export class ConnectionView {
  readonly #badge = find('#connection', HTMLElement)
  readonly #text = find('#connection-text', HTMLElement)
  readonly #notice = find('#notice', HTMLElement)
  readonly #noticeText = find('#notice-text', HTMLElement)
  readonly #retry = find('#notice-retry', HTMLButtonElement)
  readonly #announcement = find('#announcement', HTMLElement)
  #phase: Phase | undefined

  constructor({ onReconnect }: { onReconnect: () => void }) {
    this.#retry.addEventListener('click', onReconnect)
  }

  show({ phase, reason }: RoomState): void {
    if (phase === this.#phase) return // It is read out once for each change.
    this.#phase = phase
    const meaning = `${MEANINGS[phase]}${reason === '' ? '' : ` It said: ${reason}`}`
    this.#badge.dataset['phase'] = phase
    this.#text.textContent = NAMES[phase]
    this.#notice.dataset['phase'] = phase
    this.#notice.hidden = meaning === ''
    this.#noticeText.textContent = meaning
    this.#retry.hidden = phase !== 'closed'
    this.#announcement.textContent = phase === 'connecting' ? '' : `${NAMES[phase]}. ${meaning}`
  }
}
