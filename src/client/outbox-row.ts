import type { Json } from '../protocol/json.ts'
import type { Sending } from './outbox-store.ts'

/** A publish as a device keeps it. */
export interface OutboxRow {
  /** The publish's idempotency key. */
  readonly id: string
  readonly user: string
  /** The server that it is for. */
  readonly url: string
  /** The page that takes care of it. */
  readonly owner: string
  /** Rows of one page are sent in this order. */
  readonly order: number
  /** The publish command, encoded. */
  readonly body: string
  readonly createdAtMs: number
  /** From then on it is not sent any more. */
  readonly expiresAtMs: number
  readonly sent: Sending | undefined
}

/** What a publish command says. */
export interface PublishBody {
  readonly id: string
  readonly channel: string
  readonly event?: string
  readonly data: Json
}

/** Takes a publish command apart; undefined when it is none. */
export function parsePublishBody(body: string): PublishBody | undefined {
  try {
    const value = JSON.parse(body) as Partial<PublishBody> | null // Looked at below.
    return typeof value?.id === 'string' && typeof value.channel === 'string'
      ? (value as PublishBody)
      : undefined
  } catch {
    return undefined
  }
}

/** Whether what was read is a whole row: other versions and damage may have left others. */
export function isOutboxRow(value: unknown): value is OutboxRow {
  const row = value as OutboxRow | null // Looked at below.
  return (
    hasAll(row, 'string', ['id', 'user', 'url', 'owner', 'body']) &&
    hasAll(row, 'number', ['order', 'createdAtMs', 'expiresAtMs']) &&
    parsePublishBody(row!.body)?.id === row!.id &&
    (row!.sent === undefined ||
      (hasAll(row!.sent, 'number', ['atMs', 'untilMs']) &&
        (row!.sent.epoch === undefined || hasAll(row!.sent, 'string', ['epoch']))))
  )
}

function hasAll<Value extends object>(
  value: Value | null,
  type: 'string' | 'number',
  names: readonly (keyof Value)[],
): boolean {
  return names.every((name) => typeof value?.[name] === type)
}
