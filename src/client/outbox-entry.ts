import type { Json } from '../protocol/json.ts'
import { ClientError } from './client-error.ts'
import type { OutboxItem } from './outbox-store.ts'
import type { OutboxRow, PublishBody } from './outbox-row.ts'

/** A publish that waits in a persistent outbox, as applications show it. */
export interface KeptPublish {
  /** `tags.id` of its publication. */
  readonly id: string
  readonly channel: string
  /** Undefined on channels without events. */
  readonly event: string | undefined
  readonly data: Json
  /** `sent`: it may have reached the server, the answer is due. */
  readonly state: 'queued' | 'sent'
  /** Milliseconds since 1970. */
  readonly createdAtMs: number
  /** A page before this one published it: no promise tells what becomes of it. */
  readonly isRestored: boolean
}

/** A publish and its row. */
export interface OutboxEntry {
  readonly item: OutboxItem
  readonly publish: PublishBody
  /** As it was at first: `sent` is the item's. */
  row: OutboxRow
  readonly isRestored: boolean
  /** Whether there is a row; `lost` when there was none to be had. */
  place: 'nowhere' | 'device' | 'lost'
  /** It is known what became of it. */
  isOver: boolean
}

/** The row as it has to be now. */
export function rowOf({ item, row }: OutboxEntry): OutboxRow {
  return { ...row, sent: item.sent }
}

/** What has waited too long. */
export function expired(): ClientError {
  return new ClientError('OUTBOX_EXPIRED', 'It waited longer than maxAgeMs')
}

/** What was waiting when the outbox was cleared. */
export function cleared(): ClientError {
  return new ClientError('OUTBOX_CLEARED', 'The outbox was cleared')
}

/** What the device has failed to do. */
export function storageFailed(what: string, cause: unknown): ClientError {
  return new ClientError('OUTBOX_STORAGE_FAILED', `${what}: ${String(cause)}`)
}
