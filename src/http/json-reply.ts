import { GoWebError } from '../errors/goweb-error.ts'
import { Reply } from './reply.ts'

/** RFC 8259 section 11: JSON is UTF-8 and its media type has no charset parameter. */
export const JSON_TYPE = 'application/json'

/**
 * Makes a JSON answer.
 *
 * @throws `JSON_UNSERIALIZABLE` for what JSON cannot say: `undefined`, functions and symbols at the top, BigInt, cycles.
 */
export function jsonReply<T>(value: T, status: number): Reply<T> {
  const reply = new Reply<T>(status, stringifyJson(value), JSON_TYPE)
  reply.value = value
  return reply
}

/** `JSON.stringify` that fails with a clear error where that gives `undefined` or throws. */
export function stringifyJson(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new GoWebError('JSON_UNSERIALIZABLE', `The value cannot be written as JSON: ${reason}`, { cause })
  }
  if (text === undefined) {
    throw new GoWebError(
      'JSON_UNSERIALIZABLE',
      `JSON has no ${typeof value}; give null, or answer with c.empty()`,
    )
  }
  return text
}
