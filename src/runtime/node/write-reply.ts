import type { IncomingMessage, ServerResponse } from 'node:http'
import { isStream } from '../../http/assert-sendable.ts'
import { discardBody } from '../../http/body-stream.ts'
import { problemReply } from '../../http/problem.ts'
import type { Reply } from '../../http/reply.ts'
import { hasBody } from './has-body.ts'
import { lingerThenEnd, mayStayOpen } from './linger.ts'
import { pipeBody } from './pipe-body.ts'

/**
 * Writes a reply to Node's response: one write where the body is known, with backpressure where it is a stream.
 *
 * Tells `reply.onSent` once, whatever happens. Never throws.
 */
export function writeReply(res: ServerResponse, reply: Reply, isHead: boolean): void {
  const sending: Sending = { failure: undefined }
  if (reply.onSent !== undefined) tellWhenSent(res, reply.onSent, sending)
  if (!canAnswer(res)) {
    discardBody(reply.body)
    res.destroy()
    return
  }
  try {
    write(res, reply, isHead, sending)
  } catch (error) {
    discardBody(reply.body)
    // Node refuses what is no status or header; nothing was sent yet.
    if (res.headersSent) res.destroy()
    else write(res, problemReply(error), isHead, sending)
  }
}

/** What became of a body on its way. */
interface Sending {
  failure: Error | undefined
}

function write(res: ServerResponse, reply: Reply, isHead: boolean, sending: Sending): void {
  const { body, status } = reply
  const isBodiless = status === 204 || status === 205 || status === 304
  if (isStream(body)) {
    res.writeHead(status, headerLines(res, reply, { isHead, length: status === 205 ? 0 : undefined }))
    if (isHead || isBodiless) {
      discardBody(body)
      end(res, undefined)
      return
    }
    // A stream may be slow to give its first chunk, and its reader waits for the status.
    res.flushHeaders()
    // A body of another length than was told would be taken for a part of the next answer.
    res.strictContentLength = true
    void pipeBody(body, res, (failure) => (sending.failure = failure))
    return
  }
  // RFC 9110 sections 8.6 and 15.3.6: 204 and 304 tell no length of their own, 205 says that it is empty.
  const length = status === 205 ? 0 : isBodiless ? undefined : byteLength(body)
  res.writeHead(status, headerLines(res, reply, { isHead, length }))
  end(res, isHead || isBodiless || body === null ? undefined : body)
}

function end(res: ServerResponse, body: string | Uint8Array | undefined): void {
  if (isBodyOutstanding(res.req)) lingerThenEnd(res, body)
  else if (body === undefined) res.end()
  else res.end(body)
}

/** Flat name, value, …; the length is the runtime's where it knows it, and the reply's (a file's, say) where it does not. */
function headerLines(
  res: ServerResponse,
  reply: Reply,
  { isHead, length }: { readonly isHead: boolean; readonly length: number | undefined },
): string[] {
  const lines: string[] = []
  if (reply.type !== undefined) lines.push('content-type', reply.type)
  let isLengthSet = false
  if (reply.hasHeaders) {
    for (const [name, value] of reply.headers) {
      if (name === 'transfer-encoding' || name === 'content-type') continue
      if (name === 'content-length') {
        if (!mayTellLength(reply, isHead)) continue
        isLengthSet = true
      }
      lines.push(name, value)
    }
  }
  if (length !== undefined && !isLengthSet) lines.push('content-length', String(length))
  if (isBodyOutstanding(res.req) && !mayStayOpen(res.req)) lines.push('connection', 'close')
  return lines
}

/** Whether the reply's own Content-Length is believed (RFC 9110 section 8.6): that of a body which is not sent, or not known. */
function mayTellLength({ status, body }: Reply, isHead: boolean): boolean {
  if (status === 204 || status === 205) return false
  return status === 304 || isStream(body) || (isHead && body === null)
}

function byteLength(body: string | Uint8Array | null): number {
  if (body === null) return 0
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
}

/** Whether the client has a body that has not arrived in full. */
function isBodyOutstanding(req: IncomingMessage): boolean {
  return !req.complete && hasBody(req)
}

function canAnswer(res: ServerResponse): boolean {
  // Not the response's socket: it has none while the answer to an earlier request is due on the same connection.
  return !res.headersSent && !res.destroyed && !res.writableEnded && res.req.socket.writable
}

function tellWhenSent(res: ServerResponse, onSent: NonNullable<Reply['onSent']>, sending: Sending): void {
  const tell = (): void => {
    const error = sending.failure
    onSent({ aborted: error === undefined && !res.writableFinished, error })
  }
  if (res.closed) tell()
  else res.once('close', tell)
}
