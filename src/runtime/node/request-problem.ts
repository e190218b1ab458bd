import type { IncomingMessage } from 'node:http'
import { GoWebError } from '../../errors/goweb-error.ts'
import { hostProblem } from './host-header.ts'

/** Says why a request that Node's parser takes must not be served; undefined when it may. */
export function requestProblem(req: IncomingMessage): GoWebError | undefined {
  if (req.httpVersionMajor !== 1) {
    // The parser also takes HTTP/0.9, which has no version at all, and HTTP/2 written as HTTP/1 (RFC 9110 section 15.6.6).
    return new GoWebError('HTTP_VERSION_UNSUPPORTED', `Expected HTTP/1.1, got HTTP/${req.httpVersion}`)
  }
  const coding = req.headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    // RFC 9112 section 6.1. The parser refuses what does not end in chunked; a coding before it would reach the handler undecoded.
    return new GoWebError('TRANSFER_CODING_UNSUPPORTED', 'Expected Transfer-Encoding: chunked')
  }
  return hostProblem(req)
}
