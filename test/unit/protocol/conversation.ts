import assert from 'node:assert/strict'
import type { RealtimeConnection } from '../../../src/realtime/realtime-connection.ts'
import type { Transport } from '../../../src/realtime/transport.ts'
import { settled } from '../realtime/fake-client.ts'
import { FakeNode } from '../realtime/fake-node.ts'

interface Speaker {
  readonly connection: RealtimeConnection
  readonly transport: Transport
  /** Frames of the server that were not looked at yet. */
  readonly received: string[]
}

/**
 * Plays written conversations of clients against a node.
 *
 * `ann > TEXT` is sent, `ann < TEXT` must be the next that ann gets, `ann is cut off` loses her connection, `the server removes KEY from CHANNEL` does
 * that. The key of a price is its `symbol`. A client that sends without a connection
 * opens one. The token is the name of the user.
 */
export class Conversation {
  readonly #fake = new FakeNode()
  readonly #speakers = new Map<string, Speaker>()
  /** What the names in capitals stand for. */
  readonly #names = new Map<string, string>()

  constructor() {
    this.#fake.app.onConnect = (_, { token = '' }) => ({ user: token })
    this.#fake.app.onPublish = ({ data, event }, name) => {
      const isPrice = name.startsWith('prices')
      return { data, event, ...(isPrice && { key: (data as { readonly symbol: string }).symbol }) }
    }
    this.#names.set('NODE', this.#fake.node.nodeId)
  }

  async play(line: string): Promise<void> {
    const [, key, channel] = /^the server removes (\w+) from (\S+)$/.exec(line) ?? []
    if (key !== undefined && channel !== undefined) {
      await this.#fake.node.api.remove(channel, key)
      return
    }
    const [, name = '', what, text = ''] = /^(\w+) (>|<|is cut off)(?: (.*))?$/.exec(line) ?? []
    if (what === '>') {
      const { connection } = this.#speakers.get(name) ?? this.#open(name)
      connection.receive(this.#fill(text))
      await settled()
    } else if (what === '<') this.#expect(name, text)
    else if (what === 'is cut off') this.#cut(name)
    else assert.fail(`not understood: ${line}`)
  }

  /** Nobody got anything that was not told. */
  end(): void {
    for (const [name, { received }] of this.#speakers) {
      assert.deepEqual(received, [], `${name} got what nothing says`)
    }
  }

  #expect(name: string, text: string): void {
    const actual = this.#speakers.get(name)?.received.shift()
    assert.ok(actual !== undefined, `${name} has got nothing more, but should: ${text}`)
    const [, epoch] = /"epoch":"([A-Z]+)"/.exec(text) ?? []
    if (epoch !== undefined && !this.#names.has(epoch)) {
      this.#names.set(epoch, /"epoch":"([^"]+)"/.exec(actual)?.[1] ?? '')
    }
    assert.deepEqual(JSON.parse(actual), JSON.parse(this.#fill(text)))
  }

  #open(name: string): Speaker {
    const received: string[] = []
    const { groups, node } = this.#fake
    const transport: Transport = {
      bufferedAmount: 0,
      send: (text) => void received.push(text),
      join: (group) => groups.join(group, transport),
      leave: (group) => groups.leave(group, transport),
      close: (code) => void received.push(`closed with ${code}`),
    }
    const connection = node.accept(transport, 'request')
    const speaker = { connection, transport, received }
    this.#speakers.set(name, speaker)
    this.#names.set(name.toUpperCase(), connection.id)
    return speaker
  }

  #cut(name: string): void {
    const speaker = this.#speakers.get(name)
    assert.ok(speaker)
    this.#speakers.delete(name)
    this.#fake.groups.leaveAll(speaker.transport)
    speaker.connection.closed(1006, '')
  }

  #fill(text: string): string {
    return text.replace(/"([A-Z]+)"/g, (whole, name: string) => {
      const value = this.#names.get(name)
      return value === undefined ? whole : JSON.stringify(value)
    })
  }
}
