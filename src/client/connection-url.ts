import { ClientError } from './client-error.ts'

/**
 * The address of the WebSocket: `/` is `/connection/websocket` of the page's own server.
 *
 * Resolved against the page's address where there is one; `http` becomes `ws`, and a path that ends with `/` gets `connection/websocket`.
 *
 * @throws `OPTION_INVALID`
 */
export function connectionUrl(url: string): string {
  const { location } = globalThis as { readonly location?: { readonly href: string } }
  try {
    const { protocol, host, pathname, search } = new URL(url, location?.href)
    const path = pathname.endsWith('/') ? `${pathname}connection/websocket` : pathname
    return `${protocol.replace('http', 'ws')}//${host}${path}${search}`
  } catch {
    throw new ClientError(
      'OPTION_INVALID',
      `"${url}" is no address of a server; here it must begin with wss://`,
    )
  }
}
