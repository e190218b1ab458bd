import { DeliveryWatch, type WatchHost } from './delivery-watch.ts'
import type { LinkWatcher } from './lab-link.ts'
import { LatestWatch } from './latest-watch.ts'
import type { PublicationLog } from './publication-log.ts'
import type { Violation } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'
import { WireChecker } from './wire-checker.ts'

/** How the publishes of all watches ended. */
export interface PublishCounts {
  pending: number
  stored: number
  /** With `PUBLISH_OUTCOME_UNKNOWN`. */
  unknown: number
  refused: number
}

/** What a checker needs of a `FaultLab`. */
export interface CheckedLab {
  readonly clock: VirtualClock
  readonly log: PublicationLog
  readonly watchers: LinkWatcher[]
  heal(): Promise<void>
}

/** Options of a {@link DeliveryChecker}. */
export interface DeliveryCheckerOptions {
  /** Publications that a reply to `subscribe` may have. Default: no limit. */
  readonly maxRecovered?: number
}

/**
 * Checks what GoWeb promises of channels, for as many subscriptions as are watched.
 *
 * Nothing stored is lost, doubled or out of order, or a gap is told before what follows it; no gap is told without need; what was acknowledged is
 * stored once, what was not is stored once or not at all, and what was refused is not. In `latest` channels no key goes back, and in the end all
 * have what the broker has.
 */
export class DeliveryChecker implements WatchHost {
  readonly violations: Violation[] = []
  /** Whether the publishes of a subscription have to be stored in their order; set it to false where the broker fails for a while, and some with it. */
  isPublishOrderKept = true
  readonly log: PublicationLog
  readonly #lab: CheckedLab
  readonly #watches: DeliveryWatch[] = []
  readonly #latestWatches: LatestWatch[] = []

  constructor(lab: CheckedLab, { maxRecovered }: DeliveryCheckerOptions = {}) {
    this.#lab = lab
    this.log = lab.log
    lab.watchers.push(new WireChecker(this, maxRecovered))
  }

  now(): number {
    return this.#lab.clock.now()
  }

  report(violation: Violation): void {
    this.violations.push(violation)
  }

  /** A watch for one subscription. @param name for reports. */
  watch(name: string): DeliveryWatch {
    const watch = new DeliveryWatch(this, name)
    this.#watches.push(watch)
    return watch
  }

  /** A watch for one subscription of a `latest` channel. @param name for reports. */
  watchLatest(name: string): LatestWatch {
    const watch = new LatestWatch(this, name)
    this.#latestWatches.push(watch)
    return watch
  }

  /** Whether no subscription and no publish waits for anything. */
  get isSettled(): boolean {
    return [...this.#watches, ...this.#latestWatches].every(({ isSettled }) => isSettled)
  }

  get publishes(): PublishCounts {
    const counts: PublishCounts = { pending: 0, stored: 0, unknown: 0, refused: 0 }
    for (const watch of this.#watches) watch.countOutcomes(counts)
    return counts
  }

  get delivered(): number {
    return [...this.#watches, ...this.#latestWatches].reduce((sum, { delivered }) => sum + delivered, 0)
  }

  get gaps(): number {
    return this.#watches.reduce((sum, { gaps }) => sum + gaps, 0)
  }

  /** Takes all faults away, waits until nothing is on its way any more, and checks that everything has arrived. */
  async finish(): Promise<readonly Violation[]> {
    const { clock } = this.#lab
    await this.#lab.heal()
    // Twice: what settles last is delivered after it.
    for (let time = 0; time < MAX_SETTLING_STEPS; time++) {
      await clock.advance(SETTLING_STEP_MS)
      if (this.isSettled) break
    }
    await clock.advance(SETTLING_STEP_MS)
    for (const watch of this.#watches) watch.finish(this.isPublishOrderKept)
    for (const watch of this.#latestWatches) watch.finish()
    return this.violations
  }
}

const SETTLING_STEP_MS = 10_000
const MAX_SETTLING_STEPS = 12
