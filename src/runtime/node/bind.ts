import { lstat, unlink } from 'node:fs/promises'
import type { Server as HttpServer } from 'node:http'
import { connect } from 'node:net'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { ResolvedListenOptions } from './listen-options.ts'

/** Where a server really listens. */
export interface BoundAddress {
  readonly port: number
  readonly host: string
  readonly url: string
}

/** @throws `LISTEN_ADDRESS_IN_USE`, `LISTEN_FAILED` */
export async function bind(server: HttpServer, options: ResolvedListenOptions): Promise<BoundAddress> {
  const { path } = options
  try {
    await listening(server, options)
  } catch (error) {
    const isStale = path !== undefined && codeOf(error) === 'EADDRINUSE' && (await isAbandoned(path))
    if (!isStale) throw listenError(error, options)
    try {
      await unlink(path)
      await listening(server, options)
    } catch (again) {
      throw listenError(again, options)
    }
  }
  return boundAddress(server, options)
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

/** Whether a path is that of a socket file at which nobody answers: what a killed process left. Never of any other file. */
async function isAbandoned(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats?.isSocket() !== true) return false
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error) => resolve(codeOf(error) === 'ECONNREFUSED'))
  })
}

function boundAddress(server: HttpServer, options: ResolvedListenOptions): BoundAddress {
  const address = server.address()
  if (address === null || typeof address === 'string') {
    const path = options.path ?? ''
    return { port: 0, host: path, url: `unix:${path}` }
  }
  const isWildcard = address.address === '::' || address.address === '0.0.0.0'
  const name = isWildcard ? 'localhost' : address.family === 'IPv6' ? `[${address.address}]` : address.address
  const scheme = options.tls === undefined ? 'http' : 'https'
  return { port: address.port, host: address.address, url: `${scheme}://${name}:${address.port}` }
}

function listenError(error: unknown, options: ResolvedListenOptions): GoWebError {
  const where = options.path ?? `${options.host ?? 'all addresses'}, port ${options.port}`
  if (codeOf(error) === 'EADDRINUSE') {
    return new GoWebError(
      'LISTEN_ADDRESS_IN_USE',
      `listen: ${where} is in use; stop what listens there or choose another`,
      {
        cause: error,
      },
    )
  }
  return new GoWebError(
    'LISTEN_FAILED',
    `listen: ${where} cannot be listened on (${codeOf(error) ?? 'see the cause'})`,
    {
      cause: error,
    },
  )
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
