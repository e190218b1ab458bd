/**
 * What the browser remembers of a visitor, or nothing where it may not.
 *
 * @param {'localStorage' | 'sessionStorage'} kind
 */
function memory(kind) {
  return {
    /** @param {string} key */
    get(key) {
      try {
        return globalThis[kind].getItem(`chat.${key}`) ?? ''
      } catch {
        return ''
      }
    },
    /**
     * @param {string} key
     * @param {string} value
     */
    set(key, value) {
      try {
        if (value === '') globalThis[kind].removeItem(`chat.${key}`)
        else globalThis[kind].setItem(`chat.${key}`, value)
      } catch {
        // Storage is full or forbidden: the page works without.
      }
    },
  }
}

/** Lasts across visits. */
export const lasting = memory('localStorage')

/** Lasts as long as the tab. */
export const tab = memory('sessionStorage')
