import { Client, content, parseRequest, type Exchange, type OpenAnswer, type SendOptions } from './client.ts'

/** The part of an app that answers a standard `Request`. */
export interface Fetcher {
  readonly fetch: (request: Request, info?: { readonly ip?: string }) => Promise<Response>
}

/** Hands requests to `app.fetch`. */
export class FetchClient extends Client {
  readonly #app: Fetcher

  constructor(app: Fetcher) {
    super()
    this.#app = app
  }

  start(request: string, options: SendOptions = {}): Exchange {
    const { method, target } = parseRequest(request)
    const { lines, body } = content(options)
    const controller = new AbortController()
    const url = `http://${options.host ?? 'localhost'}${target}`
    const init: RequestInit = { method, headers: toHeaders(lines), signal: controller.signal }
    if (body !== undefined) Object.assign(init, { body, duplex: 'half' })
    // As an HTTP server would set it; a Request does not.
    if (typeof body === 'string' || body instanceof Uint8Array) {
      ;(init.headers as Headers).set('content-length', String(Buffer.byteLength(body)))
    }
    const answer = this.#app.fetch(new Request(url, init), { ip: '127.0.0.1' }).then(openAnswer)
    // A test that leaves may never look at the answer.
    answer.catch(() => undefined)
    return {
      answer,
      leave() {
        controller.abort()
        void answer.then((open) => open.cancel())
      },
    }
  }
}

function toHeaders(lines: readonly (readonly [string, string])[]): Headers {
  const headers = new Headers()
  for (const [name, value] of lines) headers.append(name, value)
  return headers
}

function openAnswer(response: Response): OpenAnswer & { cancel(): void } {
  const reader = response.body?.getReader()
  return {
    status: response.status,
    headers: response.headers,
    async read() {
      const step = await reader?.read()
      return step?.value
    },
    cancel() {
      reader?.cancel().catch(() => undefined)
    },
  }
}
