import { DeflatedFrame } from './deflated-frame.ts'
import type { TurnSocket } from './outbox.ts'
import type { SocketMessage } from './socket.ts'
import type { Turn, TurnTopic } from './turn.ts'

const EMPTY = new Uint8Array(0)

/**
 * Publishes a message that is too large to be deflated at once to a topic with members that compress.
 *
 * It is deflated beside the event loop, once for all members that compress alike; each of them holds a place for it.
 *
 * @param excluded the member that does not get it, if any.
 * @returns how many members it was given to here.
 */
export function publishDeflated(
  turn: Turn,
  topic: TurnTopic,
  { message, excluded }: { message: SocketMessage; excluded: TurnSocket | undefined },
): number {
  // What members are owed of before goes first.
  turn.settle()
  const isText = typeof message === 'string'
  const payload = isText ? Buffer.from(message) : message
  const frames: DeflatedFrame[] = []
  const elsewhere: TurnSocket[] = []
  let hasPlain = false
  let shared = 0
  for (const member of topic.members) {
    const { deflater } = member
    if (member === excluded) elsewhere.push(member)
    else if (deflater === undefined || payload.length < deflater.settings.thresholdBytes) hasPlain = true
    else {
      elsewhere.push(member)
      if (!member.admitsTopics(payload.length, 1)) continue
      let frame = frames.find(({ profile }) => deflater.isLike(profile))
      if (frame === undefined) {
        frame = new DeflatedFrame({ isText, payload, history: EMPTY, profile: deflater })
        frames.push(frame)
      }
      deflater.share(frame)
      shared++
    }
  }
  if (hasPlain) turn.publish(topic, message, elsewhere)
  for (const frame of frames) frame.start()
  return shared
}
