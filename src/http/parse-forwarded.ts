/** What one proxy said of whom it spoke for: an element of `Forwarded` (RFC 7239 section 4), or one place in the lists of `X-Forwarded-…`. */
export interface ForwardedElement {
  readonly for?: string
  readonly proto?: string
  readonly host?: string
}

const TOKEN = /[!#$%&'*+.^_`|~\w-]+/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/y
const PAIR_END = /[ \t]*(?:([;,])[ \t]*|$)/y

/**
 * Parses `Forwarded` (RFC 7239 section 4), the element of the outermost proxy first.
 *
 * Undefined when it is malformed: a part of it cannot be believed where the whole cannot be read.
 */
export function parseForwarded(text: string): readonly ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = []
  let element: { for?: string; proto?: string; host?: string } = {}
  let at = skipSpace(text, 0)
  while (at < text.length) {
    // RFC 9110 section 5.6.1: empty list elements are none.
    if (text[at] === ',' || text[at] === ';') {
      if (text[at] === ',') element = pushElement(elements, element)
      at = skipSpace(text, at + 1)
      continue
    }
    const name = takeAt(TOKEN, text, at)
    if (name === undefined || text[at + name[0].length] !== '=') return undefined
    at += name[0].length + 1
    const value = takeAt(QUOTED, text, at) ?? takeAt(TOKEN, text, at)
    if (value === undefined) return undefined
    at += value[0].length
    const key = name[0].toLowerCase()
    if (key === 'for' || key === 'proto' || key === 'host') {
      // Each parameter comes at most once in an element.
      if (element[key] !== undefined) return undefined
      element[key] = (value[1] ?? value[0]).replace(/\\(.)/g, '$1')
    }
    const end = takeAt(PAIR_END, text, at)
    if (end === undefined) return undefined
    at += end[0].length
    if (end[1] === ',') element = pushElement(elements, element)
  }
  pushElement(elements, element)
  return elements
}

/** Puts the lists of `X-Forwarded-For`, `-Proto` and `-Host` side by side; what is shorter than the list of addresses is as {@link valueFor} says. */
export function parseXForwarded(
  addresses: string | undefined,
  protos: string | undefined,
  hosts: string | undefined,
): readonly ForwardedElement[] {
  const [all, proto, host] = [listOf(addresses), listOf(protos), listOf(hosts)]
  const count = Math.max(1, all.length)
  return Array.from({ length: count }, (_, i): ForwardedElement => ({
    for: all[i] ?? '',
    proto: valueFor(proto, i, count),
    host: valueFor(host, i, count),
  }))
}

/**
 * The value that belongs to a place in the list of addresses.
 *
 * One value is that of the outermost proxy, which the others passed on; as many as there are addresses belong to one each. Otherwise
 * only the last is certain to be of a proxy and not of the client.
 */
function valueFor(values: readonly string[], index: number, count: number): string {
  const value = values.length === count ? values[index] : values.at(-1)
  return value ?? ''
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((item) => item.trim())
}

function pushElement(elements: ForwardedElement[], element: ForwardedElement): ForwardedElement {
  if (Object.keys(element).length > 0) elements.push(element)
  return {}
}

function takeAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}
