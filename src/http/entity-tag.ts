/**
 * The weak entity tag of a file: its size and time of change (RFC 9110 section 8.8.3).
 *
 * Weak, since a file may change twice within the clock's step without changing its size.
 */
export function fileEntityTag(size: number, modifiedMs: number): string {
  return `W/"${size.toString(36)}-${Math.floor(modifiedMs * 1_000).toString(36)}"`
}

/** RFC 9110 section 8.8.3.2: the opaque parts are equal, weak or not; for If-None-Match. */
export function matchesWeakly(a: string, b: string): boolean {
  return opaque(a) === opaque(b)
}

/** RFC 9110 section 8.8.3.2: equal and neither is weak; for If-Match and If-Range. */
export function matchesStrongly(a: string, b: string): boolean {
  return a === b && !a.startsWith('W/')
}

// RFC 9110 section 8.8.3: etagc is anything printable but the double quote, and obs-text.
const TAG = /[ \t,]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)/y

/** Reads a list of entity tags; `*` gives itself; reading ends at the first malformed one. */
export function parseEntityTags(header: string): '*' | readonly string[] {
  if (header.trim() === '*') return '*'
  const tags: string[] = []
  TAG.lastIndex = 0
  for (let match = TAG.exec(header); match !== null; match = TAG.exec(header))
    if (match[1] !== undefined) tags.push(match[1])
  return tags
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}
