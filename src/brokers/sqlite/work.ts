import type { BrokerPublishOptions, PublishOutcome, StoredPublication } from '../../realtime/broker.ts'
import type { GoWebError } from '../../errors/goweb-error.ts'
import type { NewestChange } from './newest-values.ts'
import type { SqliteStream } from './sqlite-stream.ts'

/** What an entry of the queue takes besides its text. */
const OVERHEAD_BYTES = 300

/** What is asked for. */
export type Order =
  | {
      readonly kind: 'publish'
      readonly channel: string
      readonly payload: string
      readonly options: BrokerPublishOptions
    }
  | { readonly kind: 'remove'; readonly channel: string }
  | { readonly kind: 'signal'; readonly channel: string; readonly payload: string }
  | { readonly kind: 'broadcast'; readonly payload: string }

/** Something that waits for its transaction, and what became of it. */
export class Work {
  readonly order: Order
  readonly done: PromiseWithResolvers<PublishOutcome>
  outcome: PublishOutcome | undefined
  /** What is to be delivered. */
  publication: StoredPublication | undefined
  /** Why only this was refused. */
  refusal: GoWebError | undefined
  /** Where its idempotency key was added. */
  hasAddedKey = false
  stream: SqliteStream | undefined
  newest: NewestChange | undefined

  constructor(order: Order) {
    this.order = order
    this.done = Promise.withResolvers()
  }

  get bytes(): number {
    return OVERHEAD_BYTES + ('payload' in this.order ? this.order.payload.length : 0)
  }
}

/** Whether a publish leaves something in the file. */
export function isStored({ history, keyed }: BrokerPublishOptions): boolean {
  return history !== undefined || keyed !== undefined
}
