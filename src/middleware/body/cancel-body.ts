import type { ReplyBody } from '../../http/reply.ts'

/** Frees what stands behind a body that nobody will read; never throws. */
export function cancelBody(body: ReplyBody): void {
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return
  try {
    if (body instanceof ReadableStream) body.cancel().catch(ignore)
    // The iterator of a Node stream is a generator, which does nothing on return() before its first next().
    else if ('destroy' in body && typeof body.destroy === 'function') body.destroy()
    else body[Symbol.asyncIterator]().return?.().then(undefined, ignore)
  } catch {
    // There is no request left that could fail.
  }
}

function ignore(): void {}
