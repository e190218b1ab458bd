import { GoWebError } from '../errors/goweb-error.ts'
import type { AcceptedPublication } from './realtime-handlers.ts'

interface Origin {
  /** JSON text of the publisher's `ClientInfo`. */
  readonly clientInfo: string | undefined
  /** Idempotency key. */
  readonly id: string | undefined
  readonly timeMs: number
}

/**
 * Writes a publication as brokers keep it: its JSON text without the offset. `data` comes first.
 *
 * @throws `JSON_UNSERIALIZABLE`
 */
export function encodePayload(accepted: AcceptedPublication, { clientInfo, id, timeMs }: Origin): string {
  const { event, key } = accepted
  let text = `{"data":${encodeData(accepted.data)}`
  if (clientInfo !== undefined) text += `,"info":${clientInfo}`
  if (event !== undefined) {
    text += `,"tags":{"event":${JSON.stringify(event)}`
    text += id === undefined ? '}' : `,"id":${JSON.stringify(id)}}`
  } else if (id !== undefined) text += `,"tags":{"id":${JSON.stringify(id)}}`
  text += `,"time":${timeMs}`
  if (key !== undefined) text += `,"key":${JSON.stringify(key)}`
  return accepted.removed === true ? `${text},"removed":true}` : `${text}}`
}

function encodeData(data: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch (cause) {
    throw new GoWebError('JSON_UNSERIALIZABLE', 'The data of a publication cannot be written as JSON', {
      cause,
    })
  }
  if (text !== undefined) return text
  throw new GoWebError('JSON_UNSERIALIZABLE', `A ${typeof data} cannot be the data of a publication`)
}
