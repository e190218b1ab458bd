import { GoWeb } from 'goweb'
import type { Broker } from '../../../src/realtime/broker.ts'

/** Rooms that forget nothing of what a run publishes. */
export const createRoomApp = (broker: Broker) =>
  new GoWeb({
    broker,
    // One line for each, so that a run can wait for it.
    report: (error) => console.error(describe(error)),
    // So that clients notice within seconds that a server has stopped.
    channels: { limits: { pingIntervalMs: 1_000 } },
  }).channel('rooms/{room}', {
    delivery: 'replay',
    history: { size: 100_000, ttl: '1h' },
    public: true,
  })

export type RoomApp = ReturnType<typeof createRoomApp>

/** Code and message on one line. */
export function describe(error: unknown): string {
  const { code = 'NO_CODE', message = String(error) } = error as { code?: string; message?: string }
  return `${code}: ${message.replaceAll('\n', ' ')}`
}
