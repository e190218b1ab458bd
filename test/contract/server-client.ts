import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { Client, content, parseRequest, type Exchange, type OpenAnswer, type SendOptions } from './client.ts'

/** Sends requests to a listening server, each on a connection of its own. */
export class ServerClient extends Client {
  readonly port: number

  constructor(port: number) {
    super()
    this.port = port
  }

  start(request: string, options: SendOptions = {}): Exchange {
    const { method, target } = parseRequest(request)
    const { lines, body } = content(options)
    const flat = ['host', options.host ?? `127.0.0.1:${this.port}`, ...lines.flat()]
    const isWhole = typeof body === 'string' || body instanceof Uint8Array
    if (isWhole) flat.push('content-length', String(Buffer.byteLength(body)))
    else if (body !== undefined) flat.push('transfer-encoding', 'chunked')
    const req = httpRequest({
      host: '127.0.0.1',
      port: this.port,
      method,
      path: target,
      headers: flat,
      agent: false,
    })
    const answer = new Promise<OpenAnswer>((resolve, reject) => {
      req.on('response', (res) => resolve(openAnswer(res))).on('error', reject)
    })
    // A test that leaves may never look at the answer.
    answer.catch(() => undefined)
    if (body === undefined) req.end()
    else if (isWhole) req.end(body)
    else void sendStream(body, req)
    return { answer, leave: () => void req.destroy() }
  }

  /** Sends bytes as they are and gives everything that comes back until the server closes the connection. */
  sendRaw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let received = ''
      connect(this.port, '127.0.0.1')
        .setEncoding('latin1')
        .on('data', (chunk: string) => (received += chunk))
        .on('error', reject)
        .on('close', () => resolve(received))
        .write(text, 'latin1')
    })
  }
}

function openAnswer(res: IncomingMessage): OpenAnswer {
  const headers = new Headers()
  for (let i = 0; i < res.rawHeaders.length; i += 2)
    headers.append(res.rawHeaders[i] as string, res.rawHeaders[i + 1] as string)
  const chunks = res[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  return {
    status: res.statusCode ?? 0,
    headers,
    async read() {
      const step = await chunks.next()
      return step.done === true ? undefined : step.value
    },
  }
}

async function sendStream(body: ReadableStream<Uint8Array>, req: ClientRequest): Promise<void> {
  try {
    // Waits for each to be written, so that what was sent before a failure does arrive.
    for await (const chunk of body) await new Promise((resolve) => req.write(chunk, resolve))
    req.end()
  } catch {
    req.destroy()
  }
}
