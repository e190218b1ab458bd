import type { HttpContext } from '../../http/http-context.ts'
import type { Reply } from '../../http/reply.ts'

/**
 * Says that the answer depends on a request header (RFC 9110 section 12.5.5).
 *
 * Where the answer has a Vary of its own, that one would hide the context's, so the name goes there.
 */
export function varyBy(c: HttpContext, reply: Reply, name: string): void {
  const current = reply.hasHeaders ? reply.headers.get('vary') : undefined
  if (current === undefined) {
    c.appendHeader('vary', name)
    return
  }
  const wanted = name.toLowerCase()
  const members = new Set(current.split(',').map((member) => member.trim().toLowerCase()))
  if (!members.has(wanted) && !members.has('*')) reply.headers.append('vary', name)
}
