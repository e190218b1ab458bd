import type { IncomingRequest } from './incoming-request.ts'

/** What proxies say of the request that they pass on. */
export interface ForwardedFacts {
  readonly ip: string
  readonly scheme: 'http' | 'https'
  readonly host: string
}

/** A request as it reached the outermost proxy that is trusted; everything else is that of the request that came from the nearest. */
export class ForwardedRequest implements IncomingRequest {
  readonly ip: string
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly #inner: IncomingRequest

  constructor(inner: IncomingRequest, { ip, scheme, host }: ForwardedFacts) {
    this.#inner = inner
    this.ip = ip
    this.scheme = scheme
    this.host = host
  }

  get method(): string {
    return this.#inner.method
  }

  get path(): string {
    return this.#inner.path
  }

  get search(): string {
    return this.#inner.search
  }

  get signal(): AbortSignal {
    return this.#inner.signal
  }

  get raw(): unknown {
    return this.#inner.raw
  }

  header(name: string): string | undefined {
    return this.#inner.header(name)
  }

  headers(): Iterable<[name: string, value: string]> {
    return this.#inner.headers()
  }

  bytes(limitBytes: number): Promise<Uint8Array> {
    return this.#inner.bytes(limitBytes)
  }

  stream(limitBytes: number): ReadableStream<Uint8Array> {
    return this.#inner.stream(limitBytes)
  }
}
