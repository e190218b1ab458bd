import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type {
  BrokerNode,
  BrokerPublishOptions,
  HistoryLimits,
  HistoryPage,
  StoredPublication,
  StreamPosition,
} from '../../../src/realtime/broker.ts'
import type { BrokerSetup, BrokerTraits } from './broker-setup.ts'
import { Recorder } from './recorder.ts'

/** A history that no check fills and that does not expire during one. */
export const HISTORY: HistoryLimits = { size: 1_000, ttlMs: 3_600_000 }
/** Publishing with it. */
export const STORED: BrokerPublishOptions = { history: HISTORY }

const FENCE = '{"fence":'

/** A node with what it has heard. */
export interface TestNode {
  readonly node: BrokerNode
  readonly heard: Recorder
}

/** What a check works with: a broker, its nodes, and waiting without guessing. */
export class Bench {
  readonly setup: BrokerSetup
  readonly traits: BrokerTraits
  #fences = 0

  constructor(setup: BrokerSetup, traits: BrokerTraits) {
    this.setup = setup
    this.traits = traits
  }

  async connect(broker = this.setup.broker): Promise<TestNode> {
    const heard = new Recorder()
    return { node: await broker.connect(heard), heard }
  }

  sleepTicks(ticks: number): Promise<void> {
    return this.setup.sleep(ticks * this.setup.tickMs)
  }

  /** Publishes payloads one after the other; returns where each was stored. */
  async publishAll(
    node: BrokerNode,
    channel: string,
    payloads: readonly string[],
    options = STORED,
  ): Promise<StreamPosition[]> {
    const positions: StreamPosition[] = []
    for (const payload of payloads) {
      const { offset, epoch } = await node.publish(channel, payload, options)
      positions.push({ offset, epoch })
    }
    return positions
  }

  /** Waits until something holds; fails when it does not in time. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const endMs = performance.now() + this.setup.patienceMs
    while (!holds()) {
      assert.ok(performance.now() < endMs, `waited in vain until ${what}`)
      await wait(1)
    }
  }

  /**
   * All that a node has heard of a channel up to now, in order, nothing still on its way.
   *
   * It publishes one more and waits for that: what was sent before it has arrived when it has. So there is no waiting for
   * things that must not come.
   */
  async heardBy(
    { node, heard }: TestNode,
    channel: string,
    options: BrokerPublishOptions = STORED,
  ): Promise<StoredPublication[]> {
    const fence = `${FENCE}${++this.#fences}}`
    await node.publish(channel, fence, options)
    await this.until(`a publication in ${JSON.stringify(channel)} arrives`, () => {
      return heard.payloads(channel).includes(fence)
    })
    return heard.of(channel).filter(({ payload }) => !payload.startsWith(FENCE))
  }

  /** The same, as payloads. */
  async payloadsHeardBy(
    testNode: TestNode,
    channel: string,
    options: BrokerPublishOptions = STORED,
  ): Promise<string[]> {
    return (await this.heardBy(testNode, channel, options)).map(({ payload }) => payload)
  }

  /** All of a channel's history, or what comes after a position. */
  async history(
    { node }: TestNode,
    channel: string,
    since?: StreamPosition,
    limits: HistoryLimits = HISTORY,
  ): Promise<HistoryPage> {
    return await node.history(channel, { since, limit: 10_000 }, limits)
  }
}

/** The payloads of a page, in its order. */
export function payloadsOf(page: { readonly publications: readonly StoredPublication[] }): string[] {
  return page.publications.map(({ payload }) => payload)
}

/** Payloads that are told apart. */
export function payloads(count: number, prefix = 'p'): string[] {
  return Array.from({ length: count }, (_, index) => `{"${prefix}":${index}}`)
}
