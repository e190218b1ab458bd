import type { ReplyHeaders } from '../../http/reply-headers.ts'

/** Adds a name to a Vary header unless it is there already, or `*` is (RFC 9110 section 12.5.5). */
export function addVary(headers: ReplyHeaders, name: string): void {
  const current = headers.get('vary')
  if (current === undefined) {
    headers.set('vary', name)
    return
  }
  const wanted = name.toLowerCase()
  for (const member of current.split(',')) {
    const known = member.trim().toLowerCase()
    if (known === wanted || known === '*') return
  }
  headers.append('vary', name)
}
