import { unlink } from 'node:fs/promises'
import type { Server as HttpServer } from 'node:http'
import { isAbandonedSocket } from '../abandoned-socket.ts'
import { pathAddress, tcpAddress, type BoundAddress } from '../bound-address.ts'
import { errorCode } from '../error-code.ts'
import { listenError } from '../listen-error.ts'
import type { ResolvedListenOptions } from '../listen-options.ts'

/** @throws `LISTEN_ADDRESS_IN_USE`, `LISTEN_FAILED` */
export async function bind(server: HttpServer, options: ResolvedListenOptions): Promise<BoundAddress> {
  const { path } = options
  try {
    await listening(server, options)
  } catch (error) {
    const isStale = path !== undefined && errorCode(error) === 'EADDRINUSE' && (await isAbandonedSocket(path))
    if (!isStale) throw listenError(error, options)
    try {
      await unlink(path)
      await listening(server, options)
    } catch (again) {
      throw listenError(again, options)
    }
  }
  const address = server.address()
  if (address === null || typeof address === 'string') return pathAddress(path ?? '')
  return tcpAddress(address.address, address.port, options.tls !== undefined)
}

function listening(server: HttpServer, options: ResolvedListenOptions): Promise<void> {
  const { host, port, path, backlog } = options
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      server.off('listening', onListening)
      reject(error)
    }
    const onListening = (): void => {
      server.off('error', onError)
      resolve()
    }
    server.once('error', onError).once('listening', onListening)
    const common = backlog === undefined ? {} : { backlog }
    if (path !== undefined) server.listen({ path, ...common })
    else server.listen({ port, ...(host !== undefined && { host }), ...common })
  })
}
