/** Close codes the engine itself uses (RFC 6455 section 7.4.1); 1005 and 1006 never travel. */
export const CLOSE_CODE = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  NO_STATUS: 1005,
  ABNORMAL: 1006,
  TRY_AGAIN_LATER: 1013,
} as const

/**
 * Tells whether a close frame may carry the code.
 *
 * RFC 6455 section 7.4 and the IANA registry (1012 to 1014); 3000 to 4999 belong to libraries and apps.
 */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false
  if (code >= 3000) return code <= 4999
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
}
