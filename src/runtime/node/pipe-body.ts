import type { ServerResponse } from 'node:http'
import { GoWebError } from '../../errors/goweb-error.ts'
import { bodySource, type BodySource, type StreamBody } from '../body-source.ts'

/**
 * Sends a stream as the body of a response, as fast as the client takes it. Never rejects.
 *
 * When the client leaves, the source is cancelled; when the source fails, `onFailure` is told and the connection ended, which is
 * the only way to say so after the status was sent.
 */
export async function pipeBody(
  body: StreamBody,
  res: ServerResponse,
  onFailure: (error: Error) => void,
): Promise<void> {
  let source: BodySource | undefined
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
    const from = (source = bodySource(body))
    for (;;) {
      const result = await orGone<IteratorResult<string | Uint8Array>>((resolve, reject) => {
        from.next().then(resolve, reject)
      })
      if (result === undefined) return from.cancel()
      if (result.done === true) break
      if (!res.write(result.value)) await orGone((resolve) => res.once('drain', () => resolve(undefined)))
      if (res.destroyed) return from.cancel()
    }
    res.end()
  } catch (error) {
    source?.cancel()
    const failure = toError(error)
    onFailure(failure)
    res.destroy(failure)
  }
}

/** Node destroys without an error otherwise, and nobody would learn what happened. */
function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  return new GoWebError('INTERNAL', 'The body of an answer failed with what is no Error', { cause: thrown })
}
