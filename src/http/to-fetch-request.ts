import { GoWebError } from '../errors/goweb-error.ts'
import type { IncomingRequest } from './incoming-request.ts'

// Fetch standard, section 2.2.1 (forbidden methods).
const FORBIDDEN_METHODS = new Set(['CONNECT', 'TRACE', 'TRACK'])

/**
 * Makes a standard `Request` of any request.
 *
 * The body is a stream that starts to read when it is read, within the limit; so `c.body` still works as long as nobody
 * has read from the `Request`. GET and HEAD have no body (Fetch standard).
 *
 * @throws `BAD_REQUEST` for a method that a `Request` cannot have.
 */
export function toFetchRequest(request: IncomingRequest, url: URL, bodyLimitBytes: number): Request {
  const { method } = request
  if (FORBIDDEN_METHODS.has(method)) {
    throw new GoWebError('BAD_REQUEST', `A request with the method ${method} has no form as a Request`)
  }
  const headers = new Headers()
  // HTTP/2 pseudo-headers are no headers to a Request.
  for (const [name, value] of request.headers()) if (!name.startsWith(':')) headers.append(name, value)
  const mayHaveBody = method !== 'GET' && method !== 'HEAD' && request.header('content-length') !== '0'
  // The DOM's types lack `duplex`, which Node's and the Fetch standard require for a stream.
  const init: RequestInit & { duplex?: 'half' } = { method, headers, signal: request.signal }
  if (mayHaveBody) {
    init.body = lazyStream(() => request.stream(bodyLimitBytes))
    init.duplex = 'half'
  }
  return new Request(url, init)
}

function lazyStream(open: () => ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reader ??= open().getReader()
        const step = await reader.read()
        if (step.done) controller.close()
        else controller.enqueue(step.value)
      },
      cancel(reason) {
        return reader?.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
