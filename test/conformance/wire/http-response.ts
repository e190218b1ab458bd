import type { TcpClient } from './tcp-client.ts'

/** An HTTP answer read byte by byte, without an HTTP library. */
export interface HttpResponse {
  readonly status: number
  readonly reason: string
  /** Names in lower case; several lines of one name in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Buffer
  /** The first value of a header. */
  header(name: string): string | undefined
  json(): unknown
}

/** What a reader must know of the request to find the end of its answer. */
export interface ResponseOptions {
  /** The answer to HEAD has no body, whatever its headers say. */
  readonly isHead?: boolean
}

/** Reads one answer: its head, and its body by length, by chunks, or up to the end of the connection (RFC 9112 section 6.3). */
export async function takeResponse(client: TcpClient, options: ResponseOptions = {}): Promise<HttpResponse> {
  const head = (await client.takeThrough('\r\n\r\n')).toString('latin1')
  const [statusLine = '', ...lines] = head.slice(0, -4).split('\r\n')
  const match = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(statusLine)
  if (match === null) throw new Error(`Not a status line: ${JSON.stringify(statusLine)}`)
  const status = Number(match[1])
  const headers = parseHeaders(lines)
  const body = await takeBody(client, status, headers, options.isHead === true)
  return {
    status,
    reason: match[2] ?? '',
    headers,
    body,
    header: (name) => headers.get(name)?.[0],
    json: () => JSON.parse(body.toString('utf8')) as unknown,
  }
}

function parseHeaders(lines: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const match = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line)
    if (match === null) throw new Error(`Not a header line: ${JSON.stringify(line)}`)
    const name = (match[1] as string).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), match[2] ?? ''])
  }
  return headers
}

async function takeBody(
  client: TcpClient,
  status: number,
  headers: ReadonlyMap<string, readonly string[]>,
  isHead: boolean,
): Promise<Buffer> {
  if (isHead || status < 200 || status === 204 || status === 304) return Buffer.alloc(0)
  if (headers.get('transfer-encoding')?.[0] === 'chunked') return takeChunks(client)
  const length = headers.get('content-length')
  if (length === undefined) return client.takeRest()
  if (length.length !== 1) throw new Error(`${length.length} Content-Length headers`)
  return client.take(Number(length[0]))
}

async function takeChunks(client: TcpClient): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (;;) {
    const line = (await client.takeThrough('\r\n')).toString('latin1')
    const size = Number.parseInt(line, 16)
    if (Number.isNaN(size)) throw new Error(`Not a chunk size: ${JSON.stringify(line)}`)
    chunks.push(await client.take(size))
    const end = (await client.take(2)).toString('latin1')
    if (end !== '\r\n') throw new Error(`Not the end of a chunk: ${JSON.stringify(end)}`)
    if (size === 0) return Buffer.concat(chunks)
  }
}
