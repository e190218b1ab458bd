import type { IncomingMessage, ServerResponse } from 'node:http'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { IncomingRequest } from '../../http/incoming-request.ts'
import { bodyStream } from './body-stream.ts'
import { bodyTooLarge } from './body-errors.ts'
import { collectBody } from './collect-body.ts'
import { authorityOf } from './host-header.ts'

/** An {@link IncomingRequest} over Node's `IncomingMessage`; nothing is parsed before it is asked for. */
export class NodeRequest implements IncomingRequest {
  readonly path: string
  readonly search: string
  readonly #req: IncomingMessage
  readonly #res: ServerResponse | undefined
  #signal: AbortSignal | undefined = undefined
  /** Aborts the signal of a handshake. */
  #abort: (() => void) | undefined = undefined
  #isBodyTaken = false
  #awaitsContinue: boolean

  /** @param awaitsContinue whether the client waits for 100 Continue (RFC 9110 section 10.1.1) before it sends the body. */
  constructor(req: IncomingMessage, res: ServerResponse | undefined, awaitsContinue: boolean) {
    this.#req = req
    this.#res = res
    this.#awaitsContinue = awaitsContinue
    const target = originForm(req.url ?? '/')
    const mark = target.indexOf('?')
    this.path = mark === -1 ? target : target.slice(0, mark)
    this.search = mark === -1 ? '' : target.slice(mark + 1)
  }

  get method(): string {
    return this.#req.method ?? 'GET'
  }

  get scheme(): 'http' | 'https' {
    return 'encrypted' in this.#req.socket ? 'https' : 'http'
  }

  get host(): string {
    // RFC 9112 section 3.2.2: the host in the target wins.
    return authorityOf(this.#req.url ?? '/') ?? this.#req.headers.host ?? ''
  }

  get ip(): string {
    return this.#req.socket.remoteAddress ?? ''
  }

  get raw(): IncomingMessage {
    return this.#req
  }

  header(name: string): string | undefined {
    const value: unknown = this.#req.headers[name]
    if (typeof value === 'string') return value
    return Array.isArray(value) ? value.join(', ') : undefined
  }

  *headers(): IterableIterator<[name: string, value: string]> {
    for (const [name, value] of Object.entries(this.#req.headers)) {
      if (value !== undefined) yield [name, typeof value === 'string' ? value : value.join(', ')]
    }
  }

  get signal(): AbortSignal {
    return (this.#signal ??= this.#makeSignal())
  }

  bytes(limitBytes: number): Promise<Uint8Array> {
    const refusal = this.#takeBody(limitBytes)
    return refusal === undefined ? collectBody(this.#req, limitBytes) : Promise.reject(refusal)
  }

  stream(limitBytes: number): ReadableStream<Uint8Array> {
    const refusal = this.#takeBody(limitBytes)
    if (refusal === undefined) return bodyStream(this.#req, limitBytes)
    return new ReadableStream({ start: (controller) => controller.error(refusal) })
  }

  /** For a handshake that is answered: its signal neither fires any more nor is kept for as long as the socket lives. */
  silenceSignal(): void {
    if (this.#abort !== undefined) this.#req.socket.off('close', this.#abort)
    this.#abort = silent
  }

  /** Marks the body as read and lets a waiting client send it; says why it must not be read. */
  #takeBody(limitBytes: number): GoWebError | undefined {
    if (this.#isBodyTaken) {
      return new GoWebError(
        'BODY_ALREADY_READ',
        'The body was read already; read it once and keep the result',
      )
    }
    this.#isBodyTaken = true
    const length = Number(this.#req.headers['content-length'] ?? 0)
    if (length > limitBytes) return bodyTooLarge(limitBytes)
    if (this.#awaitsContinue) {
      this.#awaitsContinue = false
      this.#res?.writeContinue()
    }
    return undefined
  }

  #makeSignal(): AbortSignal {
    if (this.#abort === silent) return new AbortController().signal
    const res = this.#res
    const { socket } = this.#req
    if (res === undefined ? socket.destroyed : res.closed && !res.writableFinished) return AbortSignal.abort()
    const controller = new AbortController()
    if (res === undefined) socket.once('close', (this.#abort = () => controller.abort()))
    else res.once('close', () => res.writableFinished || controller.abort())
    return controller.signal
  }
}

/** Stands for the listener of a signal that is not to fire. */
function silent(): void {}

/** Path and query of a target in absolute form (RFC 9112 section 3.2.2), which servers must accept. */
function originForm(target: string): string {
  if (target.startsWith('/') || target === '*') return target
  const authority = /^https?:\/\/[^/?#]*/i.exec(target)
  if (authority === null) return target
  const rest = target.slice(authority[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}
