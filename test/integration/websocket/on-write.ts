import type { Socket } from 'node:net'

/** What Node writes with. */
interface Handle {
  writeBuffer(...args: unknown[]): unknown
  writeLatin1String(...args: unknown[]): unknown
  writev(...args: unknown[]): unknown
}

/** Calls back for each write to the operating system, whichever object the connection is moved to. */
export function onWrite(socket: Socket, callback: () => void): void {
  const handle = (socket as unknown as { _handle: Handle })._handle
  for (const name of ['writeBuffer', 'writeLatin1String', 'writev'] as const) {
    const write = handle[name].bind(handle)
    handle[name] = (...args: unknown[]) => {
      callback()
      return write(...args)
    }
  }
}
