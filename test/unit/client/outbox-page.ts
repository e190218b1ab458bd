import { setImmediate as turn } from 'node:timers/promises'
import type { Client, ConnectOptions } from 'goweb/client'
import { PersistentOutbox } from '../../../src/client/persistent-outbox.ts'
import type { DevicePage, MemoryDevice } from './memory-device.ts'
import { at, Script, type ScriptedSocket } from './scripted-server.ts'

/** What a page of an app is made of. */
export interface OutboxPageOptions extends ConnectOptions {
  readonly user?: string
  readonly maxAgeMs?: number
  readonly maxCharacters?: number
  /** Whether nothing is asked of the outbox. */
  readonly isDeaf?: boolean
  /** How much later than at the start of a test it is opened. */
  readonly lateMs?: number
}

/** A page of an app on a device, and the server that a test plays for it. */
export class OutboxPage {
  readonly script = new Script()
  readonly device: DevicePage
  readonly outbox: PersistentOutbox
  /** What became of publishes, in the order in which it is known. */
  readonly outcomes: string[] = []
  readonly #options: OutboxPageOptions
  #client: Client | undefined

  constructor(device: MemoryDevice, options: OutboxPageOptions = {}) {
    const {
      user = 'ann',
      maxAgeMs = 86_400_000,
      maxCharacters = 10_000,
      lateMs = 0,
      isDeaf,
      ...others
    } = options
    this.#options = others
    this.device = device.page()
    this.outbox = new PersistentOutbox({ user, maxAgeMs, maxCharacters }, this.device)
    this.script.clock.sleep(lateMs)
    if (isDeaf) return
    this.outbox.on('stored', ({ data, isRestored }) => {
      if (isRestored) this.outcomes.push(`restored ${data as string} stored`)
    })
    this.outbox.on('failed', ({ publish: { data, isRestored }, error }) => {
      if (isRestored) this.outcomes.push(`restored ${data as string} ${error.code}`)
    })
  }

  get client(): Client {
    this.#client ??= this.script.connect({ ...this.#options, outbox: this.outbox })
    return this.#client
  }

  /** Connects, as the user that the server takes it for. */
  async connected(user: string | undefined = 'ann'): Promise<ScriptedSocket> {
    void this.client
    await turn()
    await turn()
    const socket = await this.script.socket(this.script.sockets.length || 1)
    await socket.accept(user === undefined ? {} : { user })
    return socket
  }

  /** The same, subscribed to channel `r`. */
  async subscribed(epoch = 'e'): Promise<ScriptedSocket> {
    void this.client.channel('r')
    const socket = await this.connected()
    await socket.subscribe(at(0, {}, epoch))
    await this.settle()
    return socket
  }

  publish(data: unknown, channel = 'r'): void {
    this.client
      .channel(channel)
      .publish(data)
      .then(
        () => this.outcomes.push(`${String(data)} stored`),
        (error: { code: string }) => this.outcomes.push(`${String(data)} ${error.code}`),
      )
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    await turn()
    await turn()
  }
}

/** Takes all publishes that have come, and acknowledges them. @returns their data. */
export async function acknowledge(socket: ScriptedSocket): Promise<unknown[]> {
  const all: unknown[] = []
  while (socket.commands[0]?.publish) {
    const { id, data } = socket.take('publish')
    all.push(data)
    socket.say({ id, publish: {} })
    await turn()
    await turn()
  }
  return all
}
