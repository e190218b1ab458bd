import type { Publication } from '../protocol/publication.ts'
import { Emitter } from './emitter.ts'

/** An event's name; undefined for handlers of all publications. */
type EventName = string | undefined

/** Hands publications to handlers, and keeps those that have none yet: as many as it may, and it tells when some were too many. */
export class Delivery {
  readonly #handlers: Emitter<EventName>
  readonly #maxWaiting: number
  readonly #onLoss: () => void
  readonly #current: () => Iterable<Publication> | undefined
  #waiting: Publication[] = []
  readonly #waitingEvents = new Set<EventName>()
  readonly #lostEvents = new Set<EventName>()

  /**
   * @param options its `onLoss`: a handler was added too late for publications that could not be kept; called before it gets any. Its `current`:
   * what a late handler gets of a `latest` channel, where nothing has to wait.
   */
  constructor(options: {
    maxWaiting: number
    onError: (error: unknown) => void
    onLoss: () => void
    current: () => Iterable<Publication> | undefined
  }) {
    this.#handlers = new Emitter(options.onError)
    this.#maxWaiting = options.maxWaiting
    this.#onLoss = options.onLoss
    this.#current = options.current
  }

  /** Adds a handler. What waits for it comes when the caller's turn has ended. */
  on(event: EventName, handler: (...values: never[]) => unknown): () => void {
    if (this.#current()) return this.#onLate(event, handler)
    const off = this.#handlers.on(event, handler)
    if (this.#waiting.length > 0) queueMicrotask(() => this.#drain())
    return off
  }

  /** Once for each publication, in order. */
  hand(publication: Publication): void {
    const event = publication.tags?.['event']
    if (publication.key === undefined && this.#hasToWait(event)) {
      this.#keep(event, publication)
      return
    }
    this.#handlers.emit(event, publication.data, publication)
    if (event !== undefined) this.#handlers.emit(undefined, publication.data, publication)
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = []
    this.#waitingEvents.clear()
    this.#lostEvents.clear()
  }

  /** Adds a handler once it has got what there is, so that nothing comes twice. */
  #onLate(event: EventName, handler: (...values: never[]) => unknown): () => void {
    let off: (() => void) | undefined = () => (off = undefined)
    queueMicrotask(() => {
      for (const publication of this.#current() ?? []) {
        const isMeant = event === undefined || event === publication.tags?.['event']
        if (off && isMeant) this.#handlers.call(handler, [publication.data, publication])
      }
      if (off) off = this.#handlers.on(event, handler)
    })
    return () => off?.()
  }

  #hasToWait(event: EventName): boolean {
    return this.#waitingEvents.has(event) || !this.#isWanted(event)
  }

  #isWanted(event: EventName): boolean {
    return this.#handlers.has(event) || this.#handlers.has(undefined)
  }

  #keep(event: EventName, publication: Publication): void {
    this.#waiting.push(publication)
    this.#waitingEvents.add(event)
    if (this.#waiting.length > this.#maxWaiting) this.#lostEvents.add(this.#waiting.shift()?.tags?.['event'])
  }

  #drain(): void {
    if ([...this.#lostEvents].some((event) => this.#isWanted(event))) {
      this.clear()
      this.#onLoss()
      return
    }
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingEvents.clear()
    for (const publication of waiting) this.hand(publication)
  }
}
