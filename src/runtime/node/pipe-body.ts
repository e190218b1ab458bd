import type { ServerResponse } from 'node:http'

export type StreamBody = ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>

/**
 * Sends a stream as the body of a response, as fast as the client takes it.
 *
 * When the client leaves, the source is cancelled; when the source fails, the connection is ended, which is the only way to say
 * so after the status was sent.
 */
export async function pipeBody(body: StreamBody, res: ServerResponse): Promise<void> {
  const source = sourceOf(body)
  // One listener for the whole stream: a race with a promise of the close would keep a reaction for every chunk.
  let wake: (() => void) | undefined
  res.once('close', () => wake?.())
  const orGone = <T>(
    wait: (resolve: (value: T | undefined) => void, reject: (error: unknown) => void) => void,
  ) =>
    new Promise<T | undefined>((resolve, reject) => {
      wake = () => resolve(undefined)
      if (res.destroyed) resolve(undefined)
      else wait(resolve, reject)
    })
  try {
    for (;;) {
      const result = await orGone<IteratorResult<string | Uint8Array>>((resolve, reject) => {
        source.next().then(resolve, reject)
      })
      if (result === undefined) return source.cancel()
      if (result.done === true) break
      if (!res.write(result.value)) await orGone((resolve) => res.once('drain', () => resolve(undefined)))
      if (res.destroyed) return source.cancel()
    }
    res.end()
  } catch (error) {
    source.cancel()
    res.destroy(error instanceof Error ? error : undefined)
  }
}

interface Source {
  next(): Promise<IteratorResult<string | Uint8Array>>
  /** Not awaited: a generator that hangs in an await of its own does not return. */
  cancel(): void
}

function sourceOf(body: StreamBody): Source {
  if (body instanceof ReadableStream) {
    const reader = body.getReader()
    return {
      next: () => reader.read() as Promise<IteratorResult<Uint8Array>>, // The result of a read is an iterator's but for its types.
      cancel: () => void reader.cancel().catch(ignore),
    }
  }
  const iterator = body[Symbol.asyncIterator]()
  return {
    next: () => iterator.next(),
    cancel: () => void iterator.return?.().catch(ignore),
  }
}

function ignore(): void {}
