import { GoWebError } from '../errors/goweb-error.ts'
import { Html } from './html.ts'
import { jsonReply } from './json-reply.ts'
import { Reply } from './reply.ts'
import { responseToReply } from './response-to-reply.ts'

const BINARY = 'application/octet-stream'

/**
 * Makes a {@link Reply} of whatever a handler returned.
 *
 * | returned | answer |
 * |---|---|
 * | `Reply`, `Response` | as it is |
 * | `undefined` | 204 |
 * | string | 200, `text/plain; charset=utf-8` |
 * | `Html` | 200, `text/html; charset=utf-8` |
 * | `Uint8Array`, `ArrayBuffer` | 200, `application/octet-stream` |
 * | `Blob` | 200, its own type |
 * | `ReadableStream`, async iterable | 200, `application/octet-stream`; make a `Reply` to name another type |
 * | plain data, `null`, arrays, objects with fields or `toJSON` | 200, JSON |
 *
 * @throws `REPLY_UNSUPPORTED` for what would be sent as nonsense: functions, symbols, BigInt, errors, `Map`, `Set`, objects
 * without fields, bodies that were read; `JSON_UNSERIALIZABLE`; `STATUS_INVALID`.
 */
export function toReply(value: unknown): Reply {
  if (value instanceof Reply) return checked(value)
  switch (typeof value) {
    case 'string':
      return new Reply(200, value, 'text/plain; charset=utf-8')
    case 'undefined':
      return new Reply(204, null, undefined)
    case 'number':
    case 'boolean':
      return jsonReply(value, 200)
    case 'object':
      return value === null || isPlain(value) ? jsonReply(value, 200) : objectToReply(value)
    default:
      throw unsupported(`a ${typeof value}`)
  }
}

/** @throws `STATUS_INVALID` unless it is an integer from 200 to 599; 1xx are not the end of an answer. */
export function checkStatus(status: number): void {
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) {
    throw new GoWebError('STATUS_INVALID', `A status is an integer from 200 to 599, not ${String(status)}`)
  }
}

function checked(reply: Reply): Reply {
  checkStatus(reply.status)
  const { body } = reply
  if (typeof body === 'object' && body instanceof ReadableStream && body.locked)
    throw unsupported('a stream that is already read')
  return reply
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype && !(Symbol.asyncIterator in value)) || Array.isArray(value)
}

function objectToReply(value: object): Reply {
  if (value instanceof Response) return responseToReply(value)
  if (value instanceof Html) return new Reply(200, value.toString(), 'text/html; charset=utf-8')
  if (value instanceof Uint8Array) return new Reply(200, value, BINARY)
  if (value instanceof ArrayBuffer) return new Reply(200, new Uint8Array(value), BINARY)
  if (value instanceof ReadableStream) {
    if (value.locked) throw unsupported('a stream that is already read')
    return new Reply(200, value, BINARY)
  }
  if (value instanceof Blob) {
    const reply = new Reply(200, value.stream(), value.type === '' ? BINARY : value.type)
    reply.headers.set('content-length', String(value.size))
    return reply
  }
  if (isAsyncIterable(value)) return new Reply(200, value, BINARY)
  if (!isJson(value)) throw unsupported(describe(value))
  return jsonReply(value, 200)
}

function isAsyncIterable(value: object): value is AsyncIterable<string | Uint8Array> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function'
}

/** Their JSON is empty, or says something on one runtime alone. */
const NO_JSON = [Error, Map, Set, Headers, URLSearchParams, FormData, Request] as const

/** An object without fields (a promise, private fields only) is a mistake, not an answer. */
function isJson(value: object): boolean {
  if (ArrayBuffer.isView(value) || NO_JSON.some((type) => value instanceof type)) return false
  if ('toJSON' in value && typeof value.toJSON === 'function') return true
  return Object.getPrototypeOf(value) === null || Object.keys(value).length > 0
}

function describe(value: object): string {
  const name: unknown = value.constructor?.name
  return `an object of the class ${typeof name === 'string' && name !== '' ? name : 'without a name'}`
}

function unsupported(what: string): GoWebError {
  return new GoWebError(
    'REPLY_UNSUPPORTED',
    `A handler returned ${what}; return a string, bytes, a stream, plain data, a Response or what c.json() and its like make`,
  )
}
