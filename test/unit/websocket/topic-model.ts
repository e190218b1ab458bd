import assert from 'node:assert/strict'
import type { Socket } from '../../../src/websocket/socket.ts'

/** Numbers from 0 to below `limit`, the same for the same seed. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * limit)
  }
}

/** What each socket is to get, worked out message by message. */
class Model {
  readonly received: string[][]
  readonly subscriptions: Set<string>[]

  constructor(sockets: number) {
    this.received = Array.from({ length: sockets }, () => [])
    this.subscriptions = Array.from({ length: sockets }, () => new Set())
  }

  publish(topic: string, message: string, excluded: number): void {
    for (const [index, topics] of this.subscriptions.entries()) {
      if (index !== excluded && topics.has(topic)) this.received[index]?.push(message)
    }
  }
}

const SOCKETS = 6
const TOPICS = ['a', 'b', 'c']

/** A server without a network whose sockets say what they were given. */
export interface ModelledServer {
  open(): { readonly socket: Socket; readonly connection: ModelledConnection }
  publish(topic: string, message: string): void
  endTurn(): void
}

export interface ModelledConnection {
  readonly texts: readonly string[]
  readonly writes: readonly unknown[]
}

/** Compares a server with one that sends each message to each socket at once, over random operations. */
export function checkTopics(makeServer: () => ModelledServer): void {
  for (let seed = 1; seed <= 120; seed++) {
    const random = randomNumbers(seed)
    const server = makeServer()
    const sockets = Array.from({ length: SOCKETS }, () => server.open())
    const model = new Model(SOCKETS)
    server.endTurn()
    let turns = 0
    for (let step = 0; step < 120; step++) {
      const who = random(SOCKETS)
      const socket = sockets[who]!.socket
      const topic = TOPICS[random(TOPICS.length)]!
      const message = `${step} `.padEnd(random(40) === 0 ? 20_000 : 6, 'é')
      switch (random(9)) {
        case 0:
        case 1:
          socket.send(message)
          model.received[who]!.push(message)
          break
        case 2:
          socket.subscribe(topic)
          model.subscriptions[who]!.add(topic)
          break
        case 3:
          socket.unsubscribe(topic)
          model.subscriptions[who]!.delete(topic)
          break
        case 4:
        case 5:
          socket.publish(topic, message)
          model.publish(topic, message, who)
          break
        case 6:
          socket.publish(topic, message, { toSelf: true })
          model.publish(topic, message, -1)
          break
        case 7:
          server.publish(topic, message)
          model.publish(topic, message, -1)
          break
        default:
          server.endTurn()
          turns++
      }
    }
    server.endTurn()
    turns++
    for (const [index, { connection, socket }] of sockets.entries()) {
      assert.deepEqual(connection.texts, model.received[index], `seed ${seed}, socket ${index}`)
      assert.ok(connection.writes.length <= turns, `seed ${seed}: more than one write a turn`)
      assert.deepEqual(new Set(socket.topics), model.subscriptions[index])
    }
  }
}
