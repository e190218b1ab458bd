import http from 'node:http'

/** What the servers that listen want. */
const claims: { readonly bytes: number }[] = []
let own: number | undefined

/**
 * Lets requests have headers of so many bytes.
 *
 * Bun has one limit for all servers of a process, so it is that of the server that takes most.
 *
 * @returns ends the claim; calling it again is nothing.
 */
export function claimHeaderBytes(bytes: number): () => void {
  const claim = { bytes }
  claims.push(claim)
  apply()
  return () => {
    const index = claims.indexOf(claim)
    if (index === -1) return
    claims.splice(index, 1)
    apply()
  }
}

function apply(): void {
  // In Node's types it is a constant, as it is in Node.
  const limit = http as { maxHeaderSize: number }
  own ??= limit.maxHeaderSize
  limit.maxHeaderSize = claims.length === 0 ? own : Math.max(...claims.map(({ bytes }) => bytes))
}
