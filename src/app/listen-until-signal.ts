import { GoWebError } from '../errors/goweb-error.ts'
import type { AppServer } from './app-server.ts'
import type { DrainSettings } from './drain-options.ts'
import type { ProcessEnding } from './process-ending.ts'
import type { Server } from './runtime-port.ts'

/** What a signal has to know of an app that starts, and what it may ask of it. */
export interface Opening {
  /** Starts the app and listens; undefined when that was not wanted any more, and is undone. */
  open(isUnwanted: () => boolean): Promise<AppServer | undefined>
  /** Whether it waits for its broker, before anything else: that may just be left. */
  isConnecting(): boolean
  report(error: unknown, where: string): void
}

/**
 * Listens until a signal comes, then drains, and lets the process end; also when it comes before the server listens.
 *
 * In that case the promise never settles: there is no server, and nobody who waits for one should take that for a failure.
 */
export async function listenUntilSignal(
  app: Opening,
  ending: ProcessEnding,
  settings: DrainSettings,
): Promise<Server> {
  let server: AppServer | undefined
  let isUnwanted = false
  const opening = app.open(() => isUnwanted)
  const end = async (): Promise<void> => {
    isUnwanted = true
    if (server !== undefined) await server.drain()
    // What becomes of the start is nobody's business any more.
    else if (!app.isConnecting()) await opening.catch(() => undefined)
  }
  const release = ending.register(settings.signals, async () => {
    try {
      await withinLimit(settings.timeoutMs, end())
    } catch (error) {
      app.report(error, 'drain')
      throw error
    }
  })
  try {
    server = await opening
  } catch (error) {
    if (!isUnwanted) {
      release()
      throw error
    }
  }
  if (server === undefined || isUnwanted) return new Promise<never>(() => {})
  void server.closed.then(release)
  return server
}

async function withinLimit(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new GoWebError('DRAIN_TIMEOUT', `The app has not stopped within ${limitMs} ms`))
    }, limitMs)
  })
  try {
    await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
