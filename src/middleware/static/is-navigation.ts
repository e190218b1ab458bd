import type { HttpContext } from '../../http/http-context.ts'

const HTML = /(?:^|,)\s*text\/html\s*(?:;\s*q=(?:0\.\d*[1-9]|1)[^,]*)?(?:,|$)/i

/** Whether a browser asks for a page, rather than for data or a part of a page. */
export function isNavigation(c: HttpContext, lastSegment: string): boolean {
  // A name with an extension is a file that is missing; HTML in its place would only hide that.
  if (lastSegment.includes('.')) return false
  const mode = c.header('sec-fetch-mode')
  if (mode !== undefined && mode !== 'navigate') return false
  const accept = c.header('accept')
  return accept !== undefined && HTML.test(accept)
}
