import type { IncomingRequest } from './incoming-request.ts'

/** Headers of a request: names in any case when asked for, in lower case when walked. */
export class RequestHeaders implements Iterable<[name: string, value: string]> {
  readonly #request: IncomingRequest

  constructor(request: IncomingRequest) {
    this.#request = request
  }

  /** The value, several joined by `, `; undefined when absent. */
  get(name: string): string | undefined {
    return this.#request.header(name.toLowerCase())
  }

  has(name: string): boolean {
    return this.#request.header(name.toLowerCase()) !== undefined
  }

  [Symbol.iterator](): Iterator<[name: string, value: string]> {
    return this.#request.headers()[Symbol.iterator]()
  }
}
