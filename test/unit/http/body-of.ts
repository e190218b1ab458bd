import { FetchRequest } from '../../../src/http/fetch-request.ts'
import { BodyReader, DEFAULT_BODY_LIMITS, type BodyLimits } from '../../../src/http/body-reader.ts'

/** A request with this body; no Content-Type unless one is given. */
export function postOf(
  body: string | Uint8Array | ReadableStream<Uint8Array> | null,
  headers: Record<string, string> = {},
): FetchRequest {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  // Bytes over shared memory, which the types refuse, do not occur here.
  const init = {
    method: 'POST',
    headers,
    body: bytes as NonNullable<RequestInit['body']> | null,
    duplex: 'half',
  } as const
  return new FetchRequest(new Request('http://localhost/', init))
}

export function bodyOf(
  body: string | Uint8Array | ReadableStream<Uint8Array> | null,
  headers: Record<string, string> = {},
  limits: Partial<BodyLimits> = {},
): BodyReader {
  return new BodyReader(postOf(body, headers), { ...DEFAULT_BODY_LIMITS, ...limits })
}

/** A stream of these chunks that tells whether it was cancelled. */
export function streamOf(chunks: readonly (Uint8Array | string)[]): {
  stream: ReadableStream<Uint8Array>
  cancelled: () => number
  pulled: () => number
} {
  const pending = [...chunks]
  let cancelled = 0
  let pulled = 0
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = pending.shift()
        if (chunk === undefined) {
          controller.close()
          return
        }
        pulled++
        controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
      },
      cancel() {
        cancelled++
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, cancelled: () => cancelled, pulled: () => pulled }
}
