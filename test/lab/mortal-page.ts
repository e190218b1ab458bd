import { connect, type Client, type Clock } from 'goweb/client'
import { PersistentOutbox } from '../../src/client/persistent-outbox.ts'
import type { FaultLab } from '../../src/testing/fault-lab.ts'
import type { LabSocket } from '../../src/testing/lab-socket.ts'
import type { DevicePage, MemoryDevice } from '../unit/client/memory-device.ts'

/** What pages tell the world. */
export interface MortalPageEvents {
  /** It is known what became of a publish; by its promise, or by the outbox when an earlier page made it. */
  onEnd(data: number, code: 'stored' | (string & {})): void
  onError(error: unknown): void
}

/** A page with a persistent outbox that may die at any time: then it does nothing more. */
export class MortalPage {
  readonly client: Client
  readonly outbox: PersistentOutbox
  readonly #device: DevicePage
  readonly #sockets: LabSocket[] = []
  readonly #events: MortalPageEvents
  #isAlive = true

  constructor(lab: FaultLab, device: MemoryDevice, events: MortalPageEvents) {
    this.#events = events
    this.#device = device.page()
    this.outbox = new PersistentOutbox(
      { user: '', maxAgeMs: 3_600_000, maxCharacters: 1_000_000 },
      this.#device,
    )
    this.outbox.on('stored', ({ data, isRestored }) => isRestored && this.#end(data as number, 'stored'))
    this.outbox.on(
      'failed',
      ({ publish, error }) => publish.isRestored && this.#end(publish.data as number, error.code),
    )
    const { clock, WebSocket } = lab
    const sockets = this.#sockets
    const mortalClock: Clock = {
      now: () => clock.now(),
      random: () => clock.random(),
      after: (ms, callback) => clock.after(ms, () => this.#isAlive && callback()),
    }
    this.client = connect('ws://lab/', {
      clock: mortalClock,
      outbox: this.outbox,
      timeoutMs: 3_000,
      minReconnectDelayMs: 50,
      maxReconnectDelayMs: 2_000,
      resendWindowMs: 5_000,
      onError: (error) => this.#isAlive && events.onError(error),
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url)
          sockets.push(this)
        }
      },
    })
  }

  async publish(channel: string, data: number): Promise<void> {
    try {
      await this.client.channel(channel).publish(data)
      this.#end(data, 'stored')
    } catch (error) {
      this.#end(data, (error as { readonly code: string }).code)
    }
  }

  /** Its process is gone. */
  die(): void {
    this.#isAlive = false
    this.#device.crash()
    // A socket that its client has closed brings nothing any more.
    for (const socket of this.#sockets) socket.close()
  }

  #end(data: number, code: string): void {
    if (this.#isAlive) this.#events.onEnd(data, code)
  }
}
