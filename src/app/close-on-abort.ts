import { GoWebError } from '../errors/goweb-error.ts'
import type { Server } from './runtime-port.ts'

/** Closes a server that listens when a signal is aborted. @throws `LISTEN_ABORTED`, once it is closed, if it was aborted before. */
export async function closeOnAbort(
  server: Pick<Server, 'close' | 'closed'>,
  signal: AbortSignal,
): Promise<void> {
  const onAbort = (): void => void server.close()
  signal.addEventListener('abort', onAbort, { once: true })
  void server.closed.then(() => signal.removeEventListener('abort', onAbort))
  if (!signal.aborted) return
  await server.close()
  throw new GoWebError('LISTEN_ABORTED', 'The signal was aborted before the server listened', {
    cause: signal.reason,
  })
}
