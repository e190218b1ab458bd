/**
 * Whether a text can be the name of a channel at all: not empty, Unicode that can be encoded, not too long.
 *
 * Whether there is such a channel is the app's to say.
 */
export function isChannelName(name: string, maxBytes: number): boolean {
  if (name === '' || !name.isWellFormed()) return false
  return name.length * 3 <= maxBytes || Buffer.byteLength(name) <= maxBytes
}
