import { GoWebError } from '../errors/goweb-error.ts'
import { CLOSE_CODE, isCloseCode } from './close-code.ts'

const MAX_REASON_BYTES = 123
const EMPTY = new Uint8Array(0)

/**
 * Refuses what a close frame cannot carry (RFC 6455 section 5.5.1).
 *
 * @throws `CLOSE_CODE_INVALID`, `CLOSE_REASON_TOO_LONG`
 */
export function assertClose(code: number, reason: string): void {
  if (!isCloseCode(code)) {
    throw new GoWebError(
      'CLOSE_CODE_INVALID',
      `A socket cannot be closed with ${code}; use 1000 to 1003, 1007 to 1014 or 3000 to 4999`,
    )
  }
  if (reason.length > MAX_REASON_BYTES / 3 && Buffer.byteLength(reason) > MAX_REASON_BYTES) {
    throw new GoWebError(
      'CLOSE_REASON_TOO_LONG',
      `A close reason may have ${MAX_REASON_BYTES} bytes of UTF-8, this one has ${Buffer.byteLength(reason)}`,
    )
  }
}

/** The payload of a close frame; empty for 1005. */
export function closePayload(code: number, reason: string): Uint8Array {
  if (code === CLOSE_CODE.NO_STATUS) return EMPTY
  const payload = Buffer.from(`  ${reason}`)
  payload[0] = code >>> 8
  payload[1] = code & 0xff
  return payload
}
