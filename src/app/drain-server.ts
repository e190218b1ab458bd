import { type Clock, systemClock } from '../internal/clock.ts'
import type { DrainSettings } from './drain-options.ts'
import type { LeavingSocket, RuntimeServer } from './runtime-port.ts'

/** RFC 6455 section 7.4.1: going away. */
export const GOING_AWAY = 1001
/** How long a peer may take to answer a close frame: whoever is gone already must not hold up the others' return. */
const CLOSE_PATIENCE_MS = 1_000

/** How long a server whose address is to be given up may wait for a moment when nobody comes. */
const ACCEPT_MS = 1_000

type DrainClock = Pick<Clock, 'now' | 'after'>

/** Does not jump when somebody sets the machine's clock. */
const steadyClock: DrainClock = {
  now: () => performance.now(),
  after: (ms, callback) => systemClock.after(ms, callback),
}

/** What a drain needs besides. */
export interface DrainParts {
  /** What else has to be told to go. */
  readonly leaving: () => readonly LeavingSocket[]
  /** Tests bring their own. */
  readonly clock?: DrainClock
}

/**
 * Stops a server so that its clients find another one, or its successor, without all coming at once.
 *
 * Its address is given up first, since a successor on the same machine needs it; what waits for the successor's turn (the lock of a file, say)
 * follows when the last connection has ended.
 */
export async function drainServer(
  server: RuntimeServer,
  settings: DrainSettings,
  { leaving, clock = steadyClock }: DrainParts,
): Promise<void> {
  const endMs = clock.now() + settings.connectionsMs
  const drain = new Drain(server, clock)
  await drain.pause(settings.noticeMs)
  await server.stopAccepting(Math.min(ACCEPT_MS, endMs - clock.now()))
  const sockets = [...server.sockets(), ...leaving()]
  await drain.tell(sockets, settings)
  void drain.endLast(sockets, leaving)
  await server.close(Math.max(0, Math.round(endMs - clock.now())))
}

/** One drain of one server; whatever it waits for is cut short when the server has closed. */
class Drain {
  readonly #clock: DrainClock
  #isOver = false
  #endPause: (() => void) | undefined

  constructor(server: RuntimeServer, clock: DrainClock) {
    this.#clock = clock
    void this.#noteEnd(server)
  }

  async #noteEnd({ closed }: RuntimeServer): Promise<void> {
    await closed
    this.#isOver = true
    this.#endPause?.()
  }

  /** One at a time. */
  async pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#isOver) return
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(ms, resolve)
      this.#endPause = () => {
        cancel()
        resolve()
      }
    })
  }

  /** By the clock and not by the number of pauses, so that a busy process takes no longer. */
  async tell(sockets: readonly LeavingSocket[], settings: DrainSettings): Promise<void> {
    const { batchSize, batchIntervalMs, spreadMs } = settings
    const batches = Math.max(1, Math.floor(spreadMs / batchIntervalMs))
    const size = Math.max(batchSize, Math.ceil(sockets.length / batches))
    const startMs = this.#clock.now()
    for (let told = 0; told < sockets.length && !this.#isOver;) {
      const turn = Math.floor((this.#clock.now() - startMs) / batchIntervalMs)
      const due = Math.min(sockets.length, size * (turn + 1))
      for (; told < due; told++) sockets[told]?.shutDown(GOING_AWAY)
      if (told < sockets.length) await this.pause(startMs + (turn + 1) * batchIntervalMs - this.#clock.now())
    }
  }

  /** Ends those whose peers do not answer the close frame, and tells what began after all were told: a last request may open a stream. */
  async endLast(sockets: readonly LeavingSocket[], leaving: DrainParts['leaving']): Promise<void> {
    while (!this.#isOver) {
      const closing = sockets.filter(({ state }) => state === 'closing')
      await this.pause(CLOSE_PATIENCE_MS)
      for (const socket of closing) socket.terminate()
      for (const late of leaving()) late.shutDown(GOING_AWAY)
    }
  }
}
