import type { ErrorCode } from '../errors/codes.ts'

/** Whose sockets have bytes waiting. */
export interface BufferedSockets {
  /** Bytes that wait for slow peers now. */
  bufferedBytes(): number
}

/**
 * What the sockets of an app did so far, as plain numbers.
 *
 * One object for all sockets and topics; counting is adding to a field.
 */
export class SocketCounters {
  opened = 0
  closed = 0
  /** Close codes 1000 and 1001, and a close frame without code (1005). */
  closedNormally = 0
  /** Lost without a close frame (1006). */
  closedLost = 0
  /** Close codes 3000 to 4999, which belong to libraries and apps. */
  closedByApp = 0
  /** All other close codes. */
  closedWithError = 0
  messagesIn = 0
  messagesOut = 0
  bytesIn = 0
  bytesOut = 0
  topicPublishes = 0
  topicDeliveries = 0
  /** Messages that a slow peer did not get, by either policy. */
  messagesDropped = 0
  closedForBackpressure = 0
  closedForRate = 0
  /** Sockets whose peer broke the protocol or a limit of its messages. */
  closedForViolation = 0
  refusedForTotal = 0
  refusedForAddress = 0
  /** The servers whose sockets these are; asked when somebody looks. */
  readonly servers: Set<BufferedSockets> = new Set()

  /** Notes the end of a socket. */
  countClosed(code: number): void {
    this.closed++
    if (code === 1000 || code === 1001 || code === 1005) this.closedNormally++
    else if (code === 1006) this.closedLost++
    else if (code >= 3000) this.closedByApp++
    else this.closedWithError++
  }

  /** Notes that a peer broke the protocol or a limit. @param code of the error that tells how. */
  countViolation(code: ErrorCode): void {
    if (code === 'SOCKET_RATE_EXCEEDED' || code === 'SERVER_RATE_EXCEEDED') this.closedForRate++
    else this.closedForViolation++
  }
}
