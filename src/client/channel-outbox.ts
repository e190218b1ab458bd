import type { Reply } from '../protocol/reply.ts'
import { backoffMs } from './backoff.ts'
import { ClientError } from './client-error.ts'
import type { OutboxItem, Sending } from './outbox-store.ts'
import { LOST, refusal, type Wire } from './wire.ts'

/** Publishes of one channel on their way at the same time. */
const MAX_IN_FLIGHT = 32
/** The reply that says that a command was not even looked at. */
const TOO_MANY_REQUESTS = 111
/** The reply to a publish without a subscription, among others. */
const PERMISSION_DENIED = 103

/** How many publishes wait in all outboxes of a client. */
export interface OutboxCount {
  items: number
}

/**
 * The publishes of one channel, in order, each until it is known what became of it.
 *
 * One that was sent may have been stored though no reply came. It is sent again with the same id, but only as long as the server
 * remembers ids and the stream is the same; otherwise nobody knows, and that is what its promise says.
 *
 * Where the client has a store, it is told of everything first: a publish is on its way only when it is noted as sent.
 */
export class ChannelOutbox {
  readonly #wire: Wire
  readonly #count: OutboxCount
  readonly #onEmpty: () => void
  readonly #items = new Set<OutboxItem>()
  #isOpen = false
  /** Changes when it is shut: what was only being noted then is not sent. */
  #turn = 0
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
      const { maxOutboxItems, outbox } = this.#wire.settings
      const isFull = this.#count.items >= maxOutboxItems || outbox?.isFull(body)
      // With a store it waits also for a connection that the application has to ask for.
      const obstacle =
        (outbox ? undefined : this.#wire.ending) ??
        (isFull && new ClientError('OUTBOX_FULL', 'Too many publishes are waiting'))
      if (obstacle) {
        reject(obstacle)
        return
      }
      const item = { body, resolve, reject, sent: undefined, isInFlight: false, cancelTimer: undefined }
      this.#count.items++
      this.#items.add(item)
      outbox?.save(item)
      this.#flush()
    })
  }

  /** Takes in what is older than what it has. */
  restore(older: readonly OutboxItem[]): void {
    const items = [...older, ...this.#items]
    this.#items.clear()
    for (const item of items) this.#items.add(item)
    this.#count.items += older.length
    for (const item of older) if (item.sent) this.#limit(item, item.sent)
    this.#flush()
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
    this.#turn++
    this.#attempts = 0
    this.#cancelPause?.()
    this.#cancelPause = undefined
  }

  /** Ends all: with `PUBLISH_OUTCOME_UNKNOWN` those that may have reached the server, with the error the others. */
  fail(error: ClientError): void {
    for (const item of this.#items) this.#settle(item, item.sent ? outcomeUnknown() : error)
  }

  #flush(): void {
    let inFlight = 0
    for (const item of this.#items) {
      if (!this.#isOpen || this.#cancelPause || inFlight === MAX_IN_FLIGHT) return
      if (item.isInFlight || this.#send(item)) inFlight++
    }
  }

  #send(item: OutboxItem): boolean {
    const { clock, outbox, resendWindowMs } = this.#wire.settings
    const before = item.sent
    const turn = this.#turn
    const go = (error?: ClientError): void => {
      if (!this.#items.has(item)) return
      const isOver = before && (before.epoch !== this.#epoch || this.#remainingMs(before) === 0)
      if (isOver || error) this.#settle(item, before ? outcomeUnknown() : error)
      else if (turn !== this.#turn) {
        this.#takeBack(item, before)
        this.#flush()
      } else this.#request(item, before)
    }
    item.cancelTimer?.()
    const atMs = clock.now()
    item.sent ??= { atMs, untilMs: atMs + resendWindowMs, epoch: this.#epoch }
    item.isInFlight = true
    if (outbox) outbox.save(item, go)
    else go()
    return this.#items.has(item)
  }

  /** Names the publish before it: if that one fails, this one must not overtake its repetition. */
  #request(item: OutboxItem, before: Sending | undefined): void {
    let ahead: OutboxItem | undefined
    for (const other of this.#items) {
      if (other === item) break
      ahead = other
    }
    // It has failed while this one was being noted.
    if (ahead && !ahead.commandId) return this.#takeBack(item, before)
    const body = ahead ? `${item.body.slice(0, -1)},"after":${ahead.commandId}}` : item.body
    item.commandId = this.#wire.request('publish', body, (reply) => this.#onReply(item, before, reply))
  }

  /** How long it may still be sent again. Only a stream that is kept remembers what it has had; a clock that was set back tells nothing. */
  #remainingMs({ atMs, epoch, untilMs }: Sending): number {
    const now = this.#wire.settings.clock.now()
    return epoch === undefined || now < atMs ? 0 : Math.max(0, untilMs - now)
  }

  /** Gives it up when it may not be sent again any more. */
  #limit(item: OutboxItem, sent: Sending): void {
    item.cancelTimer = this.#wire.settings.clock.after(this.#remainingMs(sent), () =>
      this.#settle(item, outcomeUnknown()),
    )
  }

  /** It was not looked at: it waits as it did before. */
  #takeBack(item: OutboxItem, before: Sending | undefined): void {
    item.isInFlight = false
    item.sent = before
    if (before) this.#limit(item, before)
    this.#wire.settings.outbox?.save(item)
  }

  #onReply(item: OutboxItem, before: Sending | undefined, { error }: Reply): void {
    const { sent } = item
    item.isInFlight = false
    item.commandId = undefined
    if (error === undefined) {
      this.#attempts = 0
      this.#settle(item)
    } else if (error.code === TOO_MANY_REQUESTS) {
      this.#takeBack(item, before)
      this.#pause()
    } else if (error === LOST || error.temporary) {
      if (sent?.epoch === undefined) {
        // A server that failed may have done so after it had handed it out.
        this.#settle(item, outcomeUnknown())
      } else {
        this.#limit(item, sent)
        if (error !== LOST) this.#pause()
      }
    } else if (!this.#isOpen && error.code === PERMISSION_DENIED) {
      // The subscription had ended before it was looked at: it waits for the next one.
      this.#takeBack(item, before)
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

  #settle(item: OutboxItem, error?: ClientError): void {
    if (!this.#items.delete(item)) return
    this.#count.items--
    item.cancelTimer?.()
    this.#wire.settings.outbox?.remove(item, error)
    if (error) item.reject(error)
    else item.resolve()
    if (this.isEmpty) this.#onEmpty()
  }
}

function outcomeUnknown(): ClientError {
  return new ClientError('PUBLISH_OUTCOME_UNKNOWN', 'Nobody knows whether the publication was stored')
}
