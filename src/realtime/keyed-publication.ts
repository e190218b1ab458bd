import type { StoredPublication } from './broker.ts'

/** A publication of a `latest` channel: a new value of its key, or the end of it. */
export interface KeyedPublication {
  readonly key: string
  readonly removed: boolean
  /** 0 for a removal whose place in the stream is not known. */
  readonly offset: number
  /** As brokers keep it, see `encodePayload`. */
  readonly payload: string
}

const KEY = ',"key":"'
const REMOVED = ',"removed":true}'

/**
 * Reads the key of a publication from the end of its payload, where `encodePayload` puts it; undefined when it has none.
 *
 * The payload is not parsed: this happens for every delivery. In a JSON string every quote is escaped, so what is found last is
 * no part of any value, and the data comes first.
 */
export function toKeyed({ payload, offset }: StoredPublication): KeyedPublication | undefined {
  const start = payload.lastIndexOf(KEY)
  if (start === -1) return undefined
  const removed = payload.endsWith(REMOVED)
  const text = payload.slice(start + KEY.length - 1, removed ? -REMOVED.length : -1)
  if (!text.endsWith('"')) return undefined
  const key = text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1) // A JSON string.
  return { key, removed, offset, payload }
}
