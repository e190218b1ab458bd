/** What the server and the page agree on. */

/** Characters of the longest message. */
export const LONGEST_TEXT = 2_000

/** A name as the room shows it: one line, 24 characters at most, none that is invisible or turns the writing direction. */
export function cleanName(text: string): string | undefined {
  const line = text.normalize('NFKC').replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
  return /^.{0,24}/u.exec(line.trim())?.[0].trim() || undefined
}

/** Whether a room can have this name: up to 40 letters, none in upper case, digits, `-` and `_`. */
export function isRoomName(text: string): boolean {
  return /^[\p{Ll}\p{Lo}\p{M}\p{N}_-]{1,40}$/u.test(text)
}
