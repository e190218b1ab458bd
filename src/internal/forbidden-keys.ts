// An escape can spell a letter or an underscore of a key: \u005f to \u007a.
const ESCAPED_LETTER = /\\u00[5-7]/

/**
 * Tells whether parsed JSON has a key that changes prototypes when the data is merged into objects: `__proto__`, or `prototype`
 * inside `constructor`.
 *
 * @param text what `value` was parsed from: mostly a look at it suffices.
 */
export function hasForbiddenKey(text: string, value: unknown): boolean {
  return mayHoldForbiddenKey(text) && holdsForbiddenKey(value)
}

/** Both names have `proto` in them, which begins with a letter that is rarer than a quote or a backslash. */
function mayHoldForbiddenKey(text: string): boolean {
  return text.includes('proto') || (text.includes('\\') && ESCAPED_LETTER.test(text))
}

function holdsForbiddenKey(root: unknown): boolean {
  const pending: unknown[] = [root]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === 'object' && item !== null) pending.push(item)
      continue
    }
    if (Object.hasOwn(value, '__proto__')) return true
    for (const [key, item] of Object.entries(value)) {
      if (typeof item !== 'object' || item === null) continue
      if (key === 'constructor' && Object.hasOwn(item, 'prototype')) return true
      pending.push(item)
    }
  }
  return false
}
