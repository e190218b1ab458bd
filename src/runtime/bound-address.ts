/** Where a server really listens. */
export interface BoundAddress {
  readonly port: number
  readonly host: string
  readonly url: string
}

/** A TCP address as a server tells it; one of all addresses is reached as `localhost`. */
export function tcpAddress(host: string, port: number, isTls: boolean): BoundAddress {
  const isWildcard = host === '::' || host === '0.0.0.0'
  const name = isWildcard ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return { port, host, url: `${isTls ? 'https' : 'http'}://${name}:${port}` }
}

/** A UNIX socket as a server tells it. */
export function pathAddress(path: string): BoundAddress {
  return { port: 0, host: path, url: `unix:${path}` }
}
