import { element } from './element.ts'

const URL_PATTERN = /https?:\/\/[^\s<>"]+/giu

/** Splits a text into text and links; only `http` and `https` become links. */
export function linkify(text: string): (string | HTMLAnchorElement)[] {
  const parts: (string | HTMLAnchorElement)[] = []
  let end = 0
  for (const match of text.matchAll(URL_PATTERN)) {
    const address = trimPunctuation(match[0])
    if (!URL.canParse(address)) continue
    parts.push(text.slice(end, match.index), link(address))
    end = match.index + address.length
  }
  parts.push(text.slice(end))
  return parts.filter((part) => part !== '')
}

function link(address: string): HTMLAnchorElement {
  return element('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, address)
}

/** Leaves the sentence's punctuation out, and a closing bracket that was not opened in the address. */
function trimPunctuation(address: string): string {
  let end = address.length
  for (; end > 0; end--) {
    const last = address[end - 1] ?? ''
    const isUnopened = last === ')' && !address.slice(0, end).includes('(')
    if (!isUnopened && !'.,;:!?\'"…。，；：！？」）'.includes(last)) break
  }
  return address.slice(0, end)
}
