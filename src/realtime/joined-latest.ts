import type { SubscribeRequest } from '../protocol/command.ts'
import type { Json } from '../protocol/json.ts'
import type { Joined } from './joined.ts'
import { expiryFields } from './expiry-fields.ts'
import type { LatestChannel } from './latest-channel.ts'
import type { Subscription } from './subscription.ts'
import type { Welcome } from './welcome.ts'

interface Findings {
  readonly request: SubscribeRequest
  /** For the subscriber alone. */
  readonly data: Json | undefined
}

/** A `latest` channel that was joined but for the reply. */
export class JoinedLatest implements Joined {
  readonly subscription: Subscription
  readonly #channel: LatestChannel
  readonly #findings: Findings
  #welcome: Welcome | undefined = undefined

  constructor(subscription: Subscription, channel: LatestChannel, findings: Findings) {
    this.subscription = subscription
    this.#channel = channel
    this.#findings = findings
  }

  get isSound(): boolean {
    return this.subscription.state === 'joining' && this.#channel.isReady
  }

  encode(nowMs: number): string {
    const { request, data } = this.#findings
    const welcome = this.#channel.welcome(request)
    this.#welcome = welcome
    const { epoch, offset, publications, snapshot } = welcome
    const parts = expiryFields(this.subscription, nowMs)
    parts.push(`"recoverable":true,"positioned":true,"epoch":${JSON.stringify(epoch)},"offset":${offset}`)
    if (request.recover === true) {
      parts.push(`"was_recovering":true,"recovered":${snapshot === undefined}`)
    }
    parts.push(`"publications":${publications}`)
    if (snapshot !== undefined) parts.push(`"snapshot":"${snapshot}"`)
    if (data !== undefined) parts.push(`"data":${JSON.stringify(data)}`)
    return `{${parts.join(',')}}`
  }

  goLive(): void {
    this.#channel.goLive(this.subscription, this.#welcome!) // encode comes first.
  }
}
