import type { ConditionalRequest } from './conditional.ts'
import { encodeSseEvent, SSE_KEEP_ALIVE, type EncodedSseEvent, type SseEvent } from './encode-sse-event.ts'
import { Reply } from './reply.ts'
import { SseBody } from './sse-body.ts'

/** Options of {@link sse}. */
export interface SseOptions {
  /** Silence after which a comment is sent, in milliseconds; 0 for never. Default: 15,000. */
  readonly keepAliveMs?: number
  /** How long the browser waits before it comes back, in milliseconds. Default: the browser's, a few seconds. */
  readonly retryMs?: number
}

/**
 * Answers with server-sent events (WHATWG HTML section 9.2), for `EventSource` in browsers.
 *
 * The source is an async iterable of events (strings are data), such as a generator or an {@link SseStream}. It is read as fast
 * as the client is; when the client leaves, its `return()` is called. Something is sent at once, so that the browser's
 * `open` does not wait for the first event.
 *
 * @throws `SSE_EVENT_INVALID` for a `retryMs` that is no whole number.
 * @example
 * app.get('/clock', (c) => sse(ticks({ signal: c.signal })))
 */
export function sse(
  source: AsyncIterable<SseEvent | string | EncodedSseEvent>,
  options: SseOptions = {},
): Reply<undefined> {
  const { retryMs, keepAliveMs = 15_000 } = options
  const opening = retryMs === undefined ? SSE_KEEP_ALIVE : encodeSseEvent({ retryMs })
  const reply = new Reply<undefined>(200, new SseBody(source, opening, keepAliveMs), 'text/event-stream')
  reply.headers.set('cache-control', 'no-cache')
  // nginx would hold events back until its buffer is full.
  reply.headers.set('x-accel-buffering', 'no')
  return reply
}

/**
 * The id of the last event that a client saw before it came back; undefined on its first visit.
 *
 * Send what came after it first, then what is new. Ids outside of ASCII come as UTF-8, which header values do not decode.
 *
 * @example
 * app.get('/news', (c) => sse(news.after(lastEventId(c)), { retryMs: 2_000 }))
 */
export function lastEventId(request: Pick<ConditionalRequest, 'header'>): string | undefined {
  const value = request.header('last-event-id')
  if (value === undefined || !/[\x80-\xff]/.test(value) || /[^\0-\xff]/.test(value)) return value
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return value
  }
}
