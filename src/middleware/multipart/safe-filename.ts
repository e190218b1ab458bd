const MAX_BYTES = 200
const encoder = new TextEncoder()
// Controls, bidirectional marks that make `exe.txt` look like `txt.exe`, and what Windows forbids in names.
const FORBIDDEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff<>:"|?*]/gu
// Names of devices on Windows, with any extension.
const DEVICE = /^(?:aux|con|nul|prn|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/**
 * Makes of a client's file name one that is safe in any directory.
 *
 * The last part of a path, on any system; `''` when nothing is left. No separators, controls or forbidden characters, no dots at its start, neither dots nor spaces at its end, no device, at most
 * 200 bytes with its extension kept. It is not unique.
 */
export function safeFilename(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  const clean = trimmed(base.toWellFormed().normalize('NFC').replaceAll(FORBIDDEN, '_'))
  return shortened(DEVICE.test(clean) ? `_${clean}` : clean)
}

/** Without regular expressions: `/[. ]+$/` takes quadratic time on many spaces before a letter. */
function trimmed(name: string): string {
  let start = 0
  while (name[start] === '.' || name[start] === ' ') start++
  let end = name.length
  while (end > start && (name[end - 1] === '.' || name[end - 1] === ' ')) end--
  return name.slice(start, end)
}

function shortened(name: string): string {
  if (byteLength(name) <= MAX_BYTES) return name
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && byteLength(name.slice(dot)) <= 20 ? name.slice(dot) : ''
  let stem = name.slice(0, name.length - extension.length)
  // A UTF-16 unit is at most three bytes, so this is near, and the loop short.
  stem = stem.slice(0, MAX_BYTES)
  while (byteLength(stem + extension) > MAX_BYTES) stem = stem.slice(0, -1)
  return trimmed(stem.toWellFormed().replaceAll('\ufffd', '')) + extension
}

function byteLength(text: string): number {
  return encoder.encode(text).byteLength
}
