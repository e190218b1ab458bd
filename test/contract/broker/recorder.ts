import type { BrokerListener, StoredPublication } from '../../../src/realtime/broker.ts'

/** What one node has heard, in order. */
export class Recorder implements BrokerListener {
  readonly publications: { readonly channel: string; readonly publication: StoredPublication }[] = []
  readonly signals: { readonly channel: string; readonly payload: string }[] = []
  readonly broadcasts: string[] = []
  readonly gaps: (string | undefined)[] = []
  /** Called with each publication, after it was noted. */
  onEach: ((channel: string, publication: StoredPublication) => void) | undefined

  onPublication(channel: string, publication: StoredPublication): void {
    this.publications.push({ channel, publication })
    this.onEach?.(channel, publication)
  }

  onSignal(channel: string, payload: string): void {
    this.signals.push({ channel, payload })
  }

  onBroadcast(payload: string): void {
    this.broadcasts.push(payload)
  }

  onGap(channel: string | undefined): void {
    this.gaps.push(channel)
  }

  /** Payloads of a channel's publications. */
  payloads(channel: string): string[] {
    return this.of(channel).map(({ payload }) => payload)
  }

  /** Publications of a channel. */
  of(channel: string): StoredPublication[] {
    return this.publications
      .filter((heard) => heard.channel === channel)
      .map(({ publication }) => publication)
  }
}
