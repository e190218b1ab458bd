import type { Publication, StreamPosition } from '../protocol/publication.ts'
import { backoffMs } from './backoff.ts'
import { LOST, type Wire } from './wire.ts'

/** Publications asked for at a time; servers may give fewer. */
const PAGE_SIZE = 256
/** Publications that come in meanwhile and are kept; beyond that they are read from the history, too. */
const MAX_HELD = 1_000

/** Whom a {@link CatchUp} works for. */
export interface CatchUpReader {
  /** Moves with what is taken; of the stream that is read. */
  readonly position: StreamPosition | undefined
  /** Takes a publication, unless it had it before. */
  take(publication: Publication): void
  /** Something is gone from the history. */
  onMissing(): void
}

/** Reads the history page by page until it meets what is coming in. */
export class CatchUp {
  /** Whether what comes in has to be held. */
  isActive = false
  readonly #wire: Wire
  readonly #channel: string
  readonly #reader: CatchUpReader
  #held: Publication[] = []
  /** Offset of the newest publication that was not held; all up to it must come from the history. */
  #notHeldOffset = 0
  #turn = 0
  #attempts = 0
  #cancelRetry: (() => void) | undefined

  constructor(wire: Wire, channel: string, reader: CatchUpReader) {
    this.#wire = wire
    this.#channel = channel
    this.#reader = reader
  }

  /** Begins, or goes on after the connection was lost. */
  start(): void {
    this.isActive = true
    this.#readPage()
  }

  hold(publication: Publication): void {
    this.#held.push(publication)
    if (this.#held.length > MAX_HELD) this.#notHeldOffset = this.#held.shift()?.offset ?? 0
  }

  stop(): void {
    this.isActive = false
    this.#turn++
    this.#cancelRetry?.()
    this.#held = []
    this.#notHeldOffset = 0
  }

  #readPage(): void {
    const turn = ++this.#turn
    this.#cancelRetry?.()
    const since = { ...this.#reader.position }
    const body = JSON.stringify({ channel: this.#channel, limit: PAGE_SIZE, since })
    this.#wire.request('history', body, ({ error, history }) => {
      if (turn !== this.#turn || error === LOST) return
      if (error?.temporary) {
        const { settings } = this.#wire
        this.#cancelRetry = settings.clock.after(backoffMs(settings, this.#attempts++), () =>
          this.#readPage(),
        )
        return
      }
      if (history?.epoch !== since.epoch) {
        this.#reader.onMissing()
        return
      }
      for (const publication of history?.publications ?? []) this.#reader.take(publication)
      if (turn === this.#turn) this.#onPage(since.offset ?? 0, history?.offset ?? 0)
    })
  }

  #onPage(fromOffset: number, topOffset: number): void {
    const { offset = 0 } = this.#reader.position ?? {}
    if (offset >= topOffset && offset >= this.#notHeldOffset) {
      const held = this.#held
      this.stop()
      for (const publication of held) this.#reader.take(publication)
    } else if (offset > fromOffset) {
      this.#readPage()
    } else {
      this.#reader.onMissing()
    }
  }
}
