import assert from 'node:assert/strict'
import type { Command } from '../../../src/protocol/command.ts'
import type { Push, Reply } from '../../../src/protocol/reply.ts'
import type { DirectGroups } from '../../../src/realtime/direct-groups.ts'
import type { RealtimeConnection } from '../../../src/realtime/realtime-connection.ts'
import type { RealtimeNode } from '../../../src/realtime/realtime-node.ts'
import type { Transport } from '../../../src/realtime/transport.ts'

/** A client and its transport in one: what the server sends is kept, what the client says reaches the server at once. */
export class FakeClient implements Transport {
  readonly received: Reply[] = []
  readonly connection: RealtimeConnection
  closed: { readonly code: number; readonly reason: string } | undefined = undefined
  bufferedAmount = 0
  /** Pings of the server so far. */
  pings = 0
  readonly #groups: DirectGroups
  #id = 0

  constructor(node: RealtimeNode<string>, groups: DirectGroups) {
    this.#groups = groups
    this.connection = node.accept(this, 'request')
  }

  send(text: string): void {
    if (this.closed !== undefined) return
    if (text === '{}') this.pings++
    else this.received.push(JSON.parse(text) as Reply)
  }

  join(group: string): void {
    this.#groups.join(group, this)
  }

  leave(group: string): void {
    this.#groups.leave(group, this)
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason }
  }

  /** The connection is lost. */
  cut(): void {
    this.#groups.leaveAll(this)
    this.connection.closed(1006, '')
  }

  say(text: string): void {
    this.connection.receive(text)
  }

  /** Sends a command; returns its id. */
  command(command: Command): number {
    this.#id++
    this.say(JSON.stringify({ id: this.#id, ...command }))
    return this.#id
  }

  /** Sends a command and waits for its reply. */
  async ask(command: Command): Promise<Reply> {
    const id = this.command(command)
    await settled()
    const reply = this.received.find((one) => one.id === id)
    assert.ok(reply !== undefined, `no reply to ${JSON.stringify(command)}; closed: ${this.closed?.code}`)
    return reply
  }

  async connect(): Promise<Reply> {
    return await this.ask({ connect: {} })
  }

  /** Pushes so far. */
  get pushes(): Push[] {
    return this.received.flatMap(({ push }) => (push === undefined ? [] : [push]))
  }

  /** Data of the publications that came as pushes. */
  get data(): unknown[] {
    return this.pushes.flatMap(({ pub }) => (pub === undefined ? [] : [pub.data]))
  }
}

/** Lets everything happen that needs no time. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}
