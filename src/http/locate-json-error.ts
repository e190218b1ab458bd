const STRING_END = 0x22
const BACKSLASH = 0x5c

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const LITERALS = ['true', 'false', 'null']

/**
 * Finds where a text stops being JSON (RFC 8259).
 *
 * The engines name the position in words of their own, quote the content, or do neither; this says the same on all.
 * Iterative, so depth cannot overflow the stack.
 *
 * @returns the index of the first wrong character, the text's length when it ends too early, or -1 when it is JSON.
 */
export function locateJsonError(text: string): number {
  const closers: string[] = []
  let position = skipSpace(text, 0)
  for (;;) {
    // A value is due here.
    const opener = text[position]
    if (opener === '[' || opener === '{') {
      const closer = opener === '[' ? ']' : '}'
      position = skipSpace(text, position + 1)
      if (text[position] !== closer) {
        closers.push(closer)
        if (closer === ']') continue
        const next = keyEnd(text, position)
        if (next.isWrong) return next.position
        position = next.position
        continue
      }
      position++
    } else {
      const next = scalarEnd(text, position)
      if (next.isWrong) return next.position
      position = next.position
    }
    // A value has ended here: close what ends with it, up to the next comma.
    for (;;) {
      position = skipSpace(text, position)
      const closer = closers.at(-1)
      if (closer === undefined) return position === text.length ? -1 : position
      if (text[position] === closer) {
        closers.pop()
        position++
        continue
      }
      if (text[position] !== ',') return position
      position = skipSpace(text, position + 1)
      if (closer === '}') {
        const next = keyEnd(text, position)
        if (next.isWrong) return next.position
        position = next.position
      }
      break
    }
  }
}

interface Scan {
  readonly position: number
  readonly isWrong: boolean
}

/** Past `"key" :` and the space after it. */
function keyEnd(text: string, from: number): Scan {
  if (text[from] !== '"') return { position: from, isWrong: true }
  const key = stringEnd(text, from)
  if (key.isWrong) return key
  const colon = skipSpace(text, key.position)
  if (text[colon] !== ':') return { position: colon, isWrong: true }
  return { position: skipSpace(text, colon + 1), isWrong: false }
}

function scalarEnd(text: string, from: number): Scan {
  if (text[from] === '"') return stringEnd(text, from)
  const literal = LITERALS.find((word) => word[0] === text[from])
  if (literal !== undefined) {
    let length = 1
    while (length < literal.length && text[from + length] === literal[length]) length++
    return { position: from + length, isWrong: length < literal.length }
  }
  NUMBER.lastIndex = from
  if (NUMBER.test(text)) return { position: NUMBER.lastIndex, isWrong: false }
  return { position: text[from] === '-' ? from + 1 : from, isWrong: true }
}

function stringEnd(text: string, from: number): Scan {
  let position = from + 1
  while (position < text.length) {
    const code = text.charCodeAt(position)
    if (code === STRING_END) return { position: position + 1, isWrong: false }
    if (code < 0x20) return { position, isWrong: true }
    if (code === BACKSLASH) {
      ESCAPE.lastIndex = position
      if (!ESCAPE.test(text)) return { position, isWrong: true }
      position = ESCAPE.lastIndex
    } else {
      position++
    }
  }
  return { position: text.length, isWrong: true }
}

function skipSpace(text: string, from: number): number {
  let position = from
  for (;;) {
    const code = text.charCodeAt(position)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return position
    position++
  }
}
