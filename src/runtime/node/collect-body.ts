import type { IncomingMessage } from 'node:http'
import { bodyAborted, bodyTooLarge, endedBodyProblem } from './body-errors.ts'

/** Reads a whole body, at most `limitBytes` of it; what comes beyond is left in the socket. */
export function collectBody(req: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  // Neither `end` nor `close` would come any more.
  if (req.readableEnded) {
    const problem = endedBodyProblem(req)
    return problem === undefined ? Promise.resolve(new Uint8Array()) : Promise.reject(problem)
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const settle = (): void => {
      req.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone)
    }
    const onData = (chunk: Buffer): void => {
      length += chunk.length
      if (length <= limitBytes) {
        chunks.push(chunk)
        return
      }
      settle()
      req.pause()
      reject(bodyTooLarge(limitBytes))
    }
    const onEnd = (): void => {
      settle()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length))
    }
    const onGone = (cause?: unknown): void => {
      settle()
      // Keeps the error of a request that is destroyed later from being unhandled.
      req.on('error', ignore)
      reject(bodyAborted(cause))
    }
    if (req.destroyed) return onGone()
    req.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone)
  })
}

function ignore(): void {}
