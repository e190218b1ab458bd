/** What a channel's name shows percent-encoded, in upper-case hex: the rest is written as it is, beyond ASCII too. */
const ENCODED = /[\0-\x20%/\\?#{}\x7F]/g

/** Characters of a name that is not its own canonical spelling, or has to be looked at. */
const SUSPECT = /[\0-\x20%\\?#{}\x7F]/

/**
 * Builds the name of a channel from its pattern and the values of its variables, in the one canonical spelling.
 *
 * `rooms/{room}` with `a/b` is `rooms/a%2Fb`; the slashes of a `{rest...}` stay. Regular expressions are not checked.
 *
 * @param valueOf the value of a variable; only that of a rest may be empty.
 */
export function channelName(pattern: string, valueOf: (variable: string, isRest: boolean) => string): string {
  let name = ''
  let position = 0
  for (let open = pattern.indexOf('{'); open !== -1; open = pattern.indexOf('{', position)) {
    name += pattern.slice(position, open)
    position = behindBrace(pattern, open)
    const body = pattern.slice(open + 1, position - 1)
    const variable = body.replace(/:[^]*$|\.\.\.$/, '')
    const isRest = body === `${variable}...`
    const value = valueOf(variable, isRest)
    name += isRest ? value.split('/').map(encode).join('/') : encode(value)
  }
  return name + pattern.slice(position)
}

/** Whether a name is spelt as {@link channelName} spells it, so that no channel has two names. */
export function isCanonicalName(name: string): boolean {
  if (!name.isWellFormed()) return false
  if (!SUSPECT.test(name)) return true
  try {
    return name.split('/').every((part) => encode(decodeURIComponent(part)) === part)
  } catch {
    return false // A percent escape that means nothing.
  }
}

function encode(value: string): string {
  return value.replace(ENCODED, (character) => `%${hex(character)}`)
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
}

/** Braces count in regular expressions too, as the router counts them. */
function behindBrace(pattern: string, open: number): number {
  let depth = 0
  for (let i = open; i < pattern.length; i++) {
    if (pattern[i] === '{') depth++
    else if (pattern[i] === '}' && --depth === 0) return i + 1
  }
  return pattern.length
}
