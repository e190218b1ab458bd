import { closeIterator } from '../http/body-stream.ts'

/** A body that is sent as it comes. */
export type StreamBody = ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>

/** What a body is read from. */
export interface BodySource {
  next(): Promise<IteratorResult<string | Uint8Array>>
  /** Not awaited: a generator that hangs in an await of its own does not return. */
  cancel(): void
}

/** Begins to read a body. Throws what an iterable throws that is asked for its iterator. */
export function bodySource(body: StreamBody): BodySource {
  if (body instanceof ReadableStream) {
    const reader = body.getReader()
    return {
      next: () => reader.read() as Promise<IteratorResult<Uint8Array>>, // The result of a read is an iterator's but for its types.
      cancel: () => void reader.cancel().catch(ignore),
    }
  }
  const iterator = body[Symbol.asyncIterator]()
  return { next: async () => iterator.next(), cancel: () => closeIterator(iterator) }
}

function ignore(): void {}
