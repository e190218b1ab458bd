import type { DeflatedFrame, DeflateProfile } from './deflated-frame.ts'

/** What compresses the messages of a socket, as topics see it. */
export interface TopicDeflater extends DeflateProfile {
  /** Whether another one deflates in the same way, so that both can be sent the same bytes. */
  isLike(other: DeflateProfile): boolean
  /** Holds a place for a frame that other sockets get too; in order with what was sent before. */
  share(frame: DeflatedFrame): void
  /** The socket was written deflated messages that others got too. */
  sentShared(): void
}
