import { Answer } from './answer.ts'

/** What a request has besides its method and target. */
export interface SendOptions {
  /** Header lines; pairs may repeat a name. */
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[]
  /** Sent with a Content-Length, or chunked where it is a stream. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array>
  /** Shorthand for a JSON body with its Content-Type. */
  readonly json?: unknown
  /** Authority that the request names, with its port if any. Default: where it is sent. */
  readonly host?: string
}

/** The answer to a request while its body may still arrive. */
export interface OpenAnswer {
  readonly status: number
  readonly headers: Headers
  /** The next piece of the body, undefined at its end; rejects when it breaks off. */
  read(): Promise<Uint8Array | undefined>
}

/** A request under way. */
export interface Exchange {
  readonly answer: Promise<OpenAnswer>
  /** The client goes away, whatever has arrived. */
  leave(): void
}

/** Sends requests to one app, one way or the other. */
export abstract class Client {
  /** Begins a request, such as `GET /users?page=2`. */
  abstract start(request: string, options?: SendOptions): Exchange

  /** Sends a request and reads the whole answer. */
  async send(request: string, options?: SendOptions): Promise<Answer> {
    const open = await this.start(request, options).answer
    const chunks: Uint8Array[] = []
    for (let chunk = await open.read(); chunk !== undefined; chunk = await open.read()) chunks.push(chunk)
    return new Answer(open.status, open.headers, Buffer.concat(chunks))
  }
}

/** Method and target of a request line without its version. */
export function parseRequest(request: string): { method: string; target: string } {
  const space = request.indexOf(' ')
  return { method: request.slice(0, space), target: request.slice(space + 1) }
}

/** Header lines and body of a request as they are sent. */
export function content(options: SendOptions): {
  lines: (readonly [name: string, value: string])[]
  body: SendOptions['body']
} {
  const { headers = [], json } = options
  const lines = Array.isArray(headers) ? [...(headers as [string, string][])] : Object.entries(headers)
  if (json === undefined) return { lines, body: options.body }
  return { lines: [...lines, ['content-type', 'application/json']], body: JSON.stringify(json) }
}
