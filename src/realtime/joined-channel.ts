import type { Json } from '../protocol/json.ts'
import type { HistoryPage } from './broker.ts'
import { expiryFields } from './expiry-fields.ts'
import type { Joined } from './joined.ts'
import type { NodeChannel } from './node-channel.ts'
import type { Subscription } from './subscription.ts'

interface Findings {
  /** Undefined for channels without history. */
  readonly page: HistoryPage | undefined
  /** How many gaps the channel had before the history was read. */
  readonly gaps: number
  /** For the subscriber alone. */
  readonly data: Json | undefined
  /** What was missed as a JSON array; null: it cannot be told; undefined: it was not asked for. */
  readonly missed: string | null | undefined
}

/** A `live` or `replay` channel that was joined but for the reply. */
export class JoinedChannel implements Joined {
  readonly subscription: Subscription
  readonly #channel: NodeChannel
  readonly #findings: Findings

  constructor(subscription: Subscription, channel: NodeChannel, findings: Findings) {
    this.subscription = subscription
    this.#channel = channel
    this.#findings = findings
  }

  get isSound(): boolean {
    const { page, gaps } = this.#findings
    if (this.subscription.state !== 'joining') return false
    return page === undefined || this.#channel.canContinue(page.position, gaps)
  }

  encode(nowMs: number): string {
    const { page, missed, data } = this.#findings
    const parts = expiryFields(this.subscription, nowMs)
    if (page !== undefined) {
      const { epoch, offset } = page.position
      parts.push(`"recoverable":true,"positioned":true,"epoch":${JSON.stringify(epoch)},"offset":${offset}`)
    }
    if (missed !== undefined) parts.push(`"was_recovering":true,"recovered":${missed !== null}`)
    if (typeof missed === 'string') parts.push(`"publications":${missed}`)
    if (data !== undefined) parts.push(`"data":${JSON.stringify(data)}`)
    return `{${parts.join(',')}}`
  }

  goLive(): void {
    this.#channel.goLive(this.subscription, this.#findings.page?.position)
  }
}
