import type { Reply } from '../protocol/reply.ts'
import { backoffMs } from './backoff.ts'
import { ClientError } from './client-error.ts'
import { LOST, refusal, type Wire } from './wire.ts'

/** Publishes of one channel on their way at the same time. */
const MAX_IN_FLIGHT = 32
/** The reply that says that a command was not even looked at. */
const TOO_MANY_REQUESTS = 111
/** The reply to a publish without a subscription, among others. */
const PERMISSION_DENIED = 103

interface Sending {
  readonly atMs: number
  readonly epoch: string | undefined
}

interface Item {
  readonly body: string
  readonly resolve: () => void
  readonly reject: (error: ClientError) => void
  /** The first time that it may have reached the server; undefined while it is only queued. */
  sent: Sending | undefined
  isInFlight: boolean
  cancelTimer: (() => void) | undefined
}

/** How many publishes wait in all outboxes of a client. */
export interface OutboxCount {
  items: number
}

/**
 * The publishes of one channel, in order, each until it is known what became of it.
 *
 * One that was sent may have been stored though no reply came. It is sent again with the same id, but only as long as the server
 * remembers ids and the stream is the same; otherwise nobody knows, and that is what its promise says.
 */
export class Outbox {
  readonly #wire: Wire
  readonly #count: OutboxCount
  readonly #onEmpty: () => void
  readonly #items = new Set<Item>()
  #isOpen = false
  #epoch: string | undefined
  #attempts = 0
  #cancelPause: (() => void) | undefined

  constructor(wire: Wire, count: OutboxCount, onEmpty: () => void) {
    this.#wire = wire
    this.#count = count
    this.#onEmpty = onEmpty
  }

  get isEmpty(): boolean {
    return this.#items.size === 0
  }

  /** Takes a publish command. Rejects with `OUTBOX_FULL`, `PUBLISH_OUTCOME_UNKNOWN`, `REFUSED`, or as {@link fail} says. */
  add(body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const isFull = this.#count.items >= this.#wire.settings.maxOutboxItems
      const obstacle =
        this.#wire.ending ?? (isFull && new ClientError('OUTBOX_FULL', 'Too many publishes are waiting'))
      if (obstacle) {
        reject(obstacle)
        return
      }
      this.#count.items++
      this.#items.add({ body, resolve, reject, sent: undefined, isInFlight: false, cancelTimer: undefined })
      this.#flush()
    })
  }

  /** The channel is subscribed. @param epoch of its stream; undefined where nothing is kept. */
  open(epoch: string | undefined): void {
    this.#isOpen = true
    this.#epoch = epoch
    this.#flush()
  }

  /** The channel is not subscribed for now. */
  shut(): void {
    this.#isOpen = false
    this.#attempts = 0
    this.#cancelPause?.()
    this.#cancelPause = undefined
  }

  /** Ends all: with `PUBLISH_OUTCOME_UNKNOWN` those that may have reached the server, with the error the others. */
  fail(error: ClientError): void {
    this.shut()
    for (const item of this.#items) this.#settle(item, item.sent ? outcomeUnknown() : error)
  }

  #flush(): void {
    let inFlight = 0
    for (const item of this.#items) {
      if (!this.#isOpen || this.#cancelPause || inFlight === MAX_IN_FLIGHT) return
      if (item.isInFlight || this.#send(item)) inFlight++
    }
  }

  #send(item: Item): boolean {
    const { clock, resendWindowMs } = this.#wire.settings
    const now = clock.now()
    const before = item.sent
    if (before && (!this.#mayRepeat(before) || now - before.atMs >= resendWindowMs)) {
      this.#settle(item, outcomeUnknown())
      return false
    }
    item.cancelTimer?.()
    item.sent ??= { atMs: now, epoch: this.#epoch }
    item.isInFlight = true
    this.#wire.request('publish', item.body, (reply) => this.#onReply(item, before, reply))
    return true
  }

  /** Only a stream that is kept remembers what it has had. */
  #mayRepeat({ epoch }: Sending): boolean {
    return epoch !== undefined && epoch === this.#epoch
  }

  #onReply(item: Item, before: Sending | undefined, { error }: Reply): void {
    const sent = item.sent
    item.isInFlight = false
    if (error === undefined) {
      this.#attempts = 0
      this.#settle(item)
    } else if (error.code === TOO_MANY_REQUESTS) {
      item.sent = before
      this.#pause()
    } else if (error === LOST || error.temporary) {
      if (sent?.epoch === undefined) {
        // A server that failed may have done so after it had handed it out.
        this.#settle(item, outcomeUnknown())
      } else {
        const { clock, resendWindowMs } = this.#wire.settings
        item.cancelTimer = clock.after(Math.max(0, sent.atMs + resendWindowMs - clock.now()), () =>
          this.#settle(item, outcomeUnknown()),
        )
        if (error !== LOST) this.#pause()
      }
    } else if (!this.#isOpen && error.code === PERMISSION_DENIED) {
      // The subscription had ended before it was looked at: it waits for the next one.
      item.sent = before
    } else this.#settle(item, before ? outcomeUnknown() : refusal(error))
    if (error !== LOST) this.#flush()
  }

  #pause(): void {
    const { settings } = this.#wire
    this.#cancelPause ??= settings.clock.after(backoffMs(settings, this.#attempts++), () => {
      this.#cancelPause = undefined
      this.#flush()
    })
  }

  #settle(item: Item, error?: ClientError): void {
    if (!this.#items.delete(item)) return
    this.#count.items--
    item.cancelTimer?.()
    if (error) item.reject(error)
    else item.resolve()
    if (this.isEmpty) this.#onEmpty()
  }
}

function outcomeUnknown(): ClientError {
  return new ClientError('PUBLISH_OUTCOME_UNKNOWN', 'Nobody knows whether the publication was stored')
}
