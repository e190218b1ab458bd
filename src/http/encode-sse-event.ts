import { GoWebError } from '../errors/goweb-error.ts'
import { stringifyJson } from './json-reply.ts'

/** A server-sent event (WHATWG HTML section 9.2.6). */
export interface SseEvent {
  /** Name that the page listens to. Default: `message`. */
  readonly event?: string
  /** Strings go as they are, line breaks included; everything else as JSON. */
  readonly data?: unknown
  /** What the browser sends as Last-Event-ID when it comes back. */
  readonly id?: string
  /** How long the browser waits before it comes back, in milliseconds. */
  readonly retryMs?: number
  /** A note that browsers ignore. */
  readonly comment?: string
}

/** An event as it goes over the wire: encode once, send to many. */
export class EncodedSseEvent {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A comment: keeps proxies from closing a silent connection (WHATWG HTML section 9.2.7). */
export const SSE_KEEP_ALIVE: EncodedSseEvent = new EncodedSseEvent(':\n\n')

const LINE_BREAK = /\r\n|\r|\n/

/**
 * Encodes an event; a string is its data.
 *
 * @throws `SSE_EVENT_INVALID` for line breaks in `event` or `id`, NUL in `id` (browsers ignore such an id) or a `retryMs`
 * that is no whole number; `JSON_UNSERIALIZABLE`.
 * @example
 * const event = encodeSseEvent({ event: 'price', data: { symbol, price } })
 * for (const stream of streams) stream.send(event)
 */
export function encodeSseEvent(event: SseEvent | string): EncodedSseEvent {
  const {
    event: name,
    data,
    id,
    retryMs,
    comment,
  }: SseEvent = typeof event === 'string' ? { data: event } : event
  let text = ''
  if (comment !== undefined) for (const line of comment.split(LINE_BREAK)) text += `: ${line}\n`
  if (id !== undefined) {
    if (id.includes('\0') || LINE_BREAK.test(id)) throw invalid('id must be one line without NUL')
    text += `id: ${id}\n`
  }
  if (retryMs !== undefined) {
    if (!Number.isSafeInteger(retryMs) || retryMs < 0)
      throw invalid('retryMs must be a whole number from 0 on')
    text += `retry: ${retryMs}\n`
  }
  if (name !== undefined) {
    if (LINE_BREAK.test(name)) throw invalid('event must be one line')
    text += `event: ${name}\n`
  }
  // An event without data is not dispatched (WHATWG HTML section 9.2.6), so a name brings an empty line of data.
  if (data !== undefined || name !== undefined) {
    const content = typeof data === 'string' ? data : data === undefined ? '' : stringifyJson(data)
    for (const line of content.split(LINE_BREAK)) text += `data: ${line}\n`
  }
  return new EncodedSseEvent(`${text}\n`)
}

function invalid(reason: string): GoWebError {
  return new GoWebError('SSE_EVENT_INVALID', `The server-sent event cannot be sent: ${reason}`)
}
