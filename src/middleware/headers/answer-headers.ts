import type { HttpContext } from '../../http/http-context.ts'
import type { ReplyHeaders } from '../../http/reply-headers.ts'
import type { Reply } from '../../http/reply.ts'
import { RequestContext } from '../../http/request-context.ts'

/** The headers that an answer will have: its own, and those that its context was given. */
export class AnswerHeaders {
  readonly #own: ReplyHeaders | undefined
  readonly #context: ReplyHeaders | undefined

  constructor(c: HttpContext, reply: Reply) {
    this.#own = reply.hasHeaders ? reply.headers : undefined
    this.#context = c instanceof RequestContext ? RequestContext.replyHeaders(c) : undefined
  }

  /** The value; the reply's own where both have one. */
  get(name: string): string | undefined {
    return this.#own?.get(name) ?? this.#context?.get(name)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** Whether a list has a member, or `*`, in any of the headers that will be joined. */
  lists(name: string, member: string): boolean {
    const wanted = member.toLowerCase()
    for (const headers of [this.#own, this.#context]) {
      for (const one of headers?.get(name)?.split(',') ?? []) {
        const text = one.trim().toLowerCase()
        if (text === '*' || text === wanted) return true
      }
    }
    return false
  }

  /** Takes back what the context was given. */
  deleteFromContext(name: string): void {
    this.#context?.delete(name)
  }
}

/** Says that the answer depends on a request header (RFC 9110 section 12.5.5). */
export function varyBy(c: HttpContext, reply: Reply, name: string): void {
  if (!new AnswerHeaders(c, reply).lists('vary', name)) c.appendHeader('vary', name)
}
