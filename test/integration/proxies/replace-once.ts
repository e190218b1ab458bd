/** Replaces what has to be in a text exactly once, so that a test cannot go past what the text has become. */
export function replaceOnce(text: string, from: string | RegExp, to: string): string {
  const pattern =
    typeof from === 'string'
      ? new RegExp(from.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`), 'g')
      : new RegExp(from, 'gm')
  const count = [...text.matchAll(pattern)].length
  if (count !== 1) throw new Error(`Expected ${String(from)} once, found it ${count} times`)
  return text.replace(pattern, () => to)
}
