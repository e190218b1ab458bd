/** What the browser remembers of a visitor, or nothing where it may not. */
function memory(kind: 'localStorage' | 'sessionStorage'): Memory {
  return {
    get(key) {
      try {
        return globalThis[kind].getItem(`chat.${key}`) ?? ''
      } catch {
        return ''
      }
    },
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

interface Memory {
  get(key: string): string
  set(key: string, value: string): void
}

/** Lasts across visits. */
export const lasting: Memory = memory('localStorage')

/** Lasts as long as the tab. */
export const tab: Memory = memory('sessionStorage')
