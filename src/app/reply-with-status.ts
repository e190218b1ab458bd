import { Reply } from '../http/reply.ts'
import { toReply } from '../http/to-reply.ts'

/** Makes a reply of what a handler returned that answers for a miss or an error: what names no status of its own gets this one. */
export function replyWithStatus(answer: unknown, status: number): Reply {
  const reply = toReply(answer)
  if (!(answer instanceof Reply || answer instanceof Response)) reply.status = status
  return reply
}
