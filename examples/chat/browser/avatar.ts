import { element } from './element.ts'

/** The initials of a name on a colour that is the same wherever the name is seen. */
export function avatar(name: string): HTMLElement {
  const made = element('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name))
  made.style.setProperty('--hue', String(hue(name)))
  return made
}

/** An angle on the colour wheel; neighbours on the wheel are 24 degrees apart, so that two colours are the same or differ visibly. */
export function hue(name: string): number {
  let hash = 2_166_136_261 // FNV-1a
  for (const character of name.toLowerCase())
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619)
  return ((hash >>> 8) % 15) * 24
}

function initials(name: string): string {
  const words = name.split(/[\s_.-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const letters = words.map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? '')
  const shown = letters.length > 1 ? `${letters[0]}${letters.at(-1)}` : letters[0]
  return (shown ?? '?').toUpperCase()
}
