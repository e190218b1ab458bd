import type { UnderlyingDefaultSource } from 'node:stream/web'
import { GoWebError } from '../../errors/goweb-error.ts'
import { toBytes } from '../../http/body-stream.ts'
import type { Reply } from '../../http/reply.ts'
import { bodySource, type BodySource, type StreamBody } from '../body-source.ts'

/** What is known of a body that is sent as it comes. */
export interface BodyStreamOptions {
  /** Length that the reply told; a body of another one is broken off. */
  readonly lengthBytes: number | undefined
  readonly onSent: Reply['onSent']
  /** Called once, before `onSent`, however the body ends. */
  readonly onEnd: () => void
}

/** Chunks after which others get their turn: a source that always has another one would keep them waiting. */
const CHUNKS_A_TURN = 64

/**
 * Makes the stream that Bun sends as a body, as fast as the client takes it.
 *
 * When the client leaves, the source is cancelled; when the source fails, Bun breaks the connection off.
 */
export function bunBodyStream(body: StreamBody, options: BodyStreamOptions): ReadableStream<Uint8Array> {
  return new ReadableStream(new BodyPump(body, options), { highWaterMark: 0 })
}

class BodyPump implements UnderlyingDefaultSource<Uint8Array> {
  readonly #body: StreamBody
  readonly #options: BodyStreamOptions
  #source: BodySource | undefined
  #lengthBytes = 0
  #chunks = 0
  #isOver = false

  constructor(body: StreamBody, options: BodyStreamOptions) {
    this.#body = body
    this.#options = options
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (++this.#chunks % CHUNKS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
    try {
      const source = (this.#source ??= bodySource(this.#body))
      for (;;) {
        const step = await source.next()
        if (this.#isOver) return
        if (step.done === true) {
          this.#assertLength(this.#lengthBytes)
          this.#end({ aborted: false, error: undefined })
          controller.close()
          return
        }
        const chunk = toBytes(step.value)
        if (chunk.byteLength === 0) continue
        this.#lengthBytes += chunk.byteLength
        const { lengthBytes } = this.#options
        if (lengthBytes !== undefined && this.#lengthBytes > lengthBytes)
          this.#assertLength(this.#lengthBytes)
        controller.enqueue(chunk)
        return
      }
    } catch (thrown) {
      if (this.#isOver) return
      this.#source?.cancel()
      const error =
        thrown instanceof Error
          ? thrown
          : new GoWebError('INTERNAL', 'The body of an answer failed with what is no Error', {
              cause: thrown,
            })
      this.#end({ aborted: false, error })
      // Without the error, which has been told: Bun would print it.
      controller.error()
    }
  }

  cancel(): void {
    if (this.#isOver) return
    this.#end({ aborted: true, error: undefined })
    // Only its iterator can tell a source that nobody will read it.
    this.#source ??= bodySource(this.#body)
    this.#source.cancel()
  }

  /** A body of another length than was told must not pass for a whole one. */
  #assertLength(length: number): void {
    const { lengthBytes = length } = this.#options
    if (length === lengthBytes) return
    throw new GoWebError(
      'INTERNAL',
      `The body of an answer has another length than the ${lengthBytes} bytes that it told`,
    )
  }

  #end(end: { aborted: boolean; error: unknown }): void {
    this.#isOver = true
    this.#options.onEnd()
    this.#options.onSent?.(end)
  }
}
