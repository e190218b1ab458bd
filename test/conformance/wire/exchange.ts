import assert from 'node:assert/strict'
import { takeResponse, type HttpResponse, type ResponseOptions } from './http-response.ts'
import { TcpClient } from './tcp-client.ts'

/** Sends bytes on a connection of its own and reads one answer; the caller closes the client. */
export async function exchange(
  port: number,
  request: string | Uint8Array,
  options: ResponseOptions = {},
): Promise<{ readonly client: TcpClient; readonly response: HttpResponse }> {
  const client = await TcpClient.connect({ port })
  await client.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request)
  return { client, response: await takeResponse(client, options) }
}

/** The same, with the connection closed afterwards. */
export async function ask(
  port: number,
  request: string | Uint8Array,
  options: ResponseOptions = {},
): Promise<HttpResponse> {
  const { client, response } = await exchange(port, request, options)
  await client.close()
  return response
}

/** Text of a request: first line, `Host: localhost`, further lines, body. */
export function request(first: string, lines: readonly string[] = [], body = ''): string {
  return `${[`${first} HTTP/1.1`, 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n${body}`
}

/** A POST with the length of its body. */
export function post(
  path: string,
  body: string,
  type = 'application/json',
  lines: readonly string[] = [],
): string {
  const length = `Content-Length: ${Buffer.byteLength(body, 'latin1')}`
  return request(`POST ${path}`, [`Content-Type: ${type}`, length, ...lines], body)
}

/** Whether an answer is the problem details of a code; shows what it is otherwise. */
export function assertProblem(response: HttpResponse, status: number, code: string): void {
  assert.equal(response.status, status, response.body.toString())
  assert.equal(response.header('content-type'), 'application/problem+json')
  const problem = response.json() as { status: number; code: string }
  assert.deepEqual([problem.status, problem.code], [status, code])
}

/** Whether the parser of the runtime refused: with the problem details of a code, or on Bun with the bare status. */
export function assertRefused(response: HttpResponse, status: number, code: string): void {
  if (process.versions['bun'] === undefined) return assertProblem(response, status, code)
  assert.deepEqual([response.status, response.body.length], [status, 0])
}

/** The server has ended the connection in order, after exactly one answer. */
export async function assertEnds(client: TcpClient): Promise<void> {
  assert.equal((await client.takeRest()).toString('latin1'), '')
  assert.equal(await client.ending, 'end')
}

/** The connection serves `GET /hello` as if nothing had been. */
export async function assertStays(client: TcpClient): Promise<void> {
  await client.write(request('GET /hello'))
  const response = await takeResponse(client)
  assert.deepEqual([response.status, response.body.toString()], [200, 'hello'])
}
