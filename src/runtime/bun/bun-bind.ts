import { lstat, unlink } from 'node:fs/promises'
import { GoWebError } from '../../errors/goweb-error.ts'
import { isAbandonedSocket } from '../abandoned-socket.ts'
import { pathAddress, tcpAddress, type BoundAddress } from '../bound-address.ts'
import { errorCode } from '../error-code.ts'
import { listenError } from '../listen-error.ts'
import type { ResolvedListenOptions } from '../listen-options.ts'
import { bunApi, type BunHttpServer, type BunServeOptions } from './bun-api.ts'

/** Where a server of Bun listens. */
export type BunPlace = Pick<BunServeOptions, 'unix' | 'hostname' | 'port'>

/** A server that listens. */
export interface BunBinding {
  readonly server: BunHttpServer
  /** The real one, also when port 0 was asked for. */
  readonly place: BunPlace
  readonly address: BoundAddress
}

/**
 * Starts a server of Bun where the options say.
 *
 * @throws `LISTEN_ADDRESS_IN_USE`, `LISTEN_FAILED`, `LISTEN_OPTIONS_INVALID` for a certificate that is not usable.
 */
export async function bindBun(
  settings: BunServeOptions,
  options: ResolvedListenOptions,
): Promise<BunBinding> {
  if (options.path !== undefined) await makeRoom(options.path, options)
  let failure: unknown
  for (const place of places(options)) {
    try {
      const server = bunApi().serve({ ...settings, ...place })
      const { port } = server
      return {
        server,
        place: port === undefined ? place : { ...place, port },
        address: boundAddress(server, options),
      }
    } catch (error) {
      failure = error
      if (errorCode(error) === 'EADDRINUSE') break
    }
  }
  // `ERR_OSSL_…`; what the system says has codes such as `EADDRNOTAVAIL`.
  if (options.tls !== undefined && errorCode(failure)?.startsWith('ERR_') === true) {
    throw new GoWebError(
      'LISTEN_OPTIONS_INVALID',
      'listen: tls: certificate, key or passphrase is not usable',
      { cause: failure },
    )
  }
  throw listenError(failure, options)
}

function places({ path, host, port }: ResolvedListenOptions): BunPlace[] {
  if (path !== undefined) return [{ unix: path }]
  if (host !== undefined) return [{ hostname: host, port }]
  // As Node does: all addresses of IPv6 and IPv4, or of IPv4 where the machine has no IPv6.
  return [
    { hostname: '::', port },
    { hostname: '0.0.0.0', port },
  ]
}

/** Bun takes the place of whatever is at the path; this server only that of a socket file at which nobody listens. */
async function makeRoom(path: string, options: ResolvedListenOptions): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) === undefined) return
  if (!(await isAbandonedSocket(path))) throw listenError(undefined, options, 'EADDRINUSE')
  await unlink(path).catch(() => undefined)
}

function boundAddress(server: BunHttpServer, options: ResolvedListenOptions): BoundAddress {
  if (options.path !== undefined) return pathAddress(options.path)
  const host = server.address?.address ?? options.host ?? '::'
  return tcpAddress(host, server.port ?? options.port, options.tls !== undefined)
}
