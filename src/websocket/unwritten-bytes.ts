import type { MessageDeflater } from './message-deflater.ts'
import type { Outbox } from './outbox.ts'
import type { Turn } from './turn.ts'

/** What a socket is to send and the platform was not given yet. */
export interface Unwritten {
  readonly outbox: Outbox | undefined
  readonly deflater: MessageDeflater | undefined
}

/** Bytes of it that go to one socket alone; for them texts that are held back are encoded. */
export function unwrittenBytes({ outbox, deflater }: Unwritten, turn: Turn): number {
  const direct = outbox === undefined ? 0 : turn.settleTexts(outbox).size
  return direct + (deflater?.heldBytes ?? 0)
}

/** The same without encoding anything, and at most too much. */
export function mostUnwrittenBytes({ outbox, deflater }: Unwritten): number {
  return (outbox?.mostBytes ?? 0) + (deflater?.heldBytes ?? 0)
}

/** Whether it is less than so many bytes. */
export function isUnwrittenBelow(unwritten: Unwritten, turn: Turn, bytes: number): boolean {
  return mostUnwrittenBytes(unwritten) < bytes || unwrittenBytes(unwritten, turn) < bytes
}
