import { find } from './element.js'

/** @typedef {import('./transport.js').TransportState} TransportState */

/** Tells how the connection is: a badge, and what that means for messages while it is not well. */
export class ConnectionView {
  #badge = find('#connection', HTMLElement)
  #text = find('#connection-text', HTMLElement)
  #notice = find('#notice', HTMLElement)
  #noticeText = find('#notice-text', HTMLElement)
  #retry = find('#notice-retry', HTMLButtonElement)
  #announcement = find('#announcement', HTMLElement)
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #countdown
  #hasBeenOnline = false

  /** @param {{ onRetry: () => void, onReopen: () => void }} listener */
  constructor({ onRetry, onReopen }) {
    this.#retry.addEventListener('click', () => {
      if (this.#badge.dataset.phase === 'closed') onReopen()
      else onRetry()
    })
  }

  /** Starts anew, for another room or none. */
  reset() {
    clearInterval(this.#countdown)
    this.#hasBeenOnline = false
  }

  /** @param {TransportState} state */
  show(state) {
    clearInterval(this.#countdown)
    if (state.phase === 'waiting') this.#countdown = setInterval(() => this.#showText(state), 500)
    if (state.phase === 'online') this.#hasBeenOnline = true
    this.#badge.dataset.phase = state.phase
    this.#notice.hidden = state.phase === 'online' || (state.phase === 'connecting' && !this.#hasBeenOnline)
    this.#notice.dataset.phase = state.phase
    this.#retry.hidden = state.phase === 'connecting'
    this.#retry.textContent = state.phase === 'closed' ? 'Use it here' : 'Retry now'
    this.#noticeText.textContent = meaning(state)
    // Read out once for each change, not with every second of the countdown.
    this.#announcement.textContent =
      state.phase === 'connecting' ? '' : `${shortName(state)}. ${meaning(state)}`
    this.#showText(state)
  }

  /** @param {TransportState} state */
  #showText(state) {
    const seconds = Math.ceil(((state.retryAt ?? 0) - Date.now()) / 1_000)
    const isReturning = this.#hasBeenOnline && state.phase === 'connecting'
    const text = isReturning ? 'Reconnecting…' : shortName(state)
    this.#text.textContent = state.phase === 'waiting' && seconds > 0 ? `${text} in ${seconds} s` : text
  }
}

/** @param {TransportState} state */
function shortName({ phase }) {
  switch (phase) {
    case 'connecting':
      return 'Connecting…'
    case 'online':
      return 'Online'
    case 'waiting':
      return 'Reconnecting'
    case 'offline':
      return 'Offline'
    case 'closed':
      return 'Disconnected'
  }
}

/** @param {TransportState} state */
function meaning({ phase }) {
  switch (phase) {
    case 'connecting':
    case 'waiting':
      return 'The connection was lost. Nothing can be sent until it is back; your text is kept.'
    case 'online':
      return ''
    case 'offline':
      return 'This device is offline. Nothing can be sent; your text is kept.'
    case 'closed':
      return 'This chat was opened somewhere else.'
  }
}
