import type { IncomingMessage } from 'node:http'
import { bodyAborted, bodyTooLarge, endedBodyProblem } from './body-errors.ts'

/** A body as a stream that reads from the socket only as fast as its reader, and no more than `limitBytes`. */
export function bodyStream(req: IncomingMessage, limitBytes: number): ReadableStream<Uint8Array> {
  let length = 0
  let isOver = false
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (req.readableEnded) {
          const problem = endedBodyProblem(req)
          if (problem === undefined) controller.close()
          else controller.error(problem)
          return
        }
        const fail = (error: unknown): void => {
          if (isOver) return
          isOver = true
          controller.error(error)
        }
        req.on('data', (chunk: Buffer) => {
          if (isOver) return
          length += chunk.length
          if (length > limitBytes) {
            req.pause()
            fail(bodyTooLarge(limitBytes))
            return
          }
          controller.enqueue(chunk)
          if ((controller.desiredSize ?? 0) <= 0) req.pause()
        })
        req.on('end', () => {
          if (isOver) return
          isOver = true
          controller.close()
        })
        req.on('error', (cause) => fail(bodyAborted(cause)))
        req.on('close', () => fail(bodyAborted()))
        req.pause()
        if (req.destroyed) fail(bodyAborted())
      },
      pull() {
        req.resume()
      },
      cancel() {
        isOver = true
        req.pause()
      },
    },
    { highWaterMark: 0 },
  )
}
