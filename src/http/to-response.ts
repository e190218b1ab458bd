import { GoWebError } from '../errors/goweb-error.ts'
import { discardBody, iterableToStream } from './body-stream.ts'
import type { Reply } from './reply.ts'
import { checkStatus } from './to-reply.ts'

// Fetch standard, section 2.2.3 (null body status); 101 is no Response at all.
export const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304])

/** The type is told beside the headers, the framing is the platform's. */
const OWN_HEADERS = new Set(['content-type', 'transfer-encoding'])

const encoder = new TextEncoder()

/**
 * Makes a standard `Response` of a {@link Reply}, as a server would send it.
 *
 * Content-Length is set where the size is known, and kept from the reply's own headers where a stream has one; HEAD and the
 * statuses without a body close the body's source. Streams keep their backpressure, and a reader that leaves closes the
 * source once. `reply.onSent` is called at the end of the body, at once where there is none to wait for.
 */
export function toResponse(reply: Reply, isHead: boolean): Response {
  checkStatus(reply.status)
  const headers = responseHeaders(reply)
  const { body, status } = reply
  if (NULL_BODY_STATUSES.has(status)) {
    discardBody(body)
    // RFC 9110 section 8.6: not with 204; with 304 only what a 200 would have said.
    if (status === 204) headers.delete('content-length')
    else if (status === 205) headers.set('content-length', '0')
    finished(reply)
    return new Response(null, { status, headers })
  }
  const known = body === null ? '' : body
  if (typeof known === 'string' || known instanceof Uint8Array) {
    const bytes = typeof known === 'string' ? encoder.encode(known) : known
    if (!(isHead && headers.has('content-length'))) headers.set('content-length', String(bytes.byteLength))
    finished(reply)
    return new Response(isHead || body === null ? null : bytesBody(bytes), { status, headers })
  }
  if (isHead) {
    discardBody(body)
    finished(reply)
    return new Response(null, { status, headers })
  }
  const stream = known instanceof ReadableStream ? known : iterableToStream(known)
  return new Response(reply.onSent === undefined ? stream : watched(stream, reply.onSent), {
    status,
    headers,
  })
}

/** The headers of a reply, its type among them. */
export function responseHeaders(reply: Reply): Headers {
  const headers = new Headers()
  if (reply.hasHeaders) {
    for (const [name, value] of reply.headers) if (!OWN_HEADERS.has(name)) headers.append(name, value)
  }
  if (reply.type !== undefined) headers.set('content-type', reply.type)
  return headers
}

/** The types of `Response` refuse bytes over shared memory, which no body here has. */
function bytesBody(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}

function finished(reply: Reply): void {
  reply.onSent?.({ aborted: false, error: undefined })
}

function watched(
  source: ReadableStream<Uint8Array>,
  onSent: NonNullable<Reply['onSent']>,
): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          reader ??= source.getReader()
          const step = await reader.read()
          if (!step.done) {
            controller.enqueue(step.value)
            return
          }
        } catch (error) {
          onSent({
            aborted: false,
            error: error ?? new GoWebError('INTERNAL', 'A body failed without an error'),
          })
          throw error
        }
        controller.close()
        onSent({ aborted: false, error: undefined })
      },
      cancel(reason) {
        onSent({ aborted: true, error: undefined })
        return reader === undefined ? source.cancel(reason) : reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
