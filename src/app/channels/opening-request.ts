import type { RequestContext } from '../../http/request-context.ts'
import { isOwnOrigin } from '../../websocket/origin.ts'

/** What only the handshake needed. */
const NOT_KEPT = /^(?:connection|upgrade|sec-websocket-(?:key|version|extensions|protocol))$/

/** What a request tells of itself. */
export interface OpeningFacts extends Pick<RequestContext, 'host' | 'scheme' | 'ip' | 'header'> {
  readonly headers: Iterable<readonly [name: string, value: string]>
}

/** Nearly all requests name the same host: they share its text. */
let lastHost = ''

/**
 * What is kept of the request that opened a channel connection: as little as its commands may ask for.
 *
 * The cookies of a page of another origin are left out, even of one that may connect: they would let that page act as the user.
 */
export class OpeningRequest {
  readonly host: string
  readonly scheme: 'http' | 'https'
  readonly ip: string
  /** Lines `name: value`, each behind a line feed, which no header contains: one string costs less than a map. */
  readonly #headers: string

  constructor(c: OpeningFacts) {
    const { host } = c
    if (host !== lastHost) lastHost = host
    this.host = lastHost
    this.scheme = c.scheme
    this.ip = c.ip
    const isOwn = isOwnOrigin({ origin: c.header('origin'), scheme: c.scheme, host: c.host })
    const lines: string[] = []
    for (const [name, value] of c.headers) {
      if (!NOT_KEPT.test(name) && (isOwn || name !== 'cookie')) lines.push(`\n${name}: ${value}`)
    }
    this.#headers = lines.join('')
  }

  header(name: string): string | undefined {
    const mark = `\n${name.toLowerCase()}: `
    const start = this.#headers.indexOf(mark)
    if (start === -1 || name.includes('\n')) return undefined
    const end = this.#headers.indexOf('\n', start + 1)
    return this.#headers.slice(start + mark.length, end === -1 ? undefined : end)
  }
}
