import { clientFrame } from '../../conformance/wire/frames.ts'
import { post, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { SocketClient, handshakeRequest } from '../../conformance/wire/socket-client.ts'
import { TcpClient, type TcpClientOptions } from '../../conformance/wire/tcp-client.ts'

/** One connection to the server of the leak tests, from its beginning to one of its ends. */
type Visit = (options: TcpClientOptions) => Promise<void>

/** A WebSocket that exchanges a message, and then ends in some way. */
const socketVisit =
  (end: (client: SocketClient) => Promise<unknown>): Visit =>
  async (options) => {
    const client = await SocketClient.open(options)
    await client.sendText('hello')
    await client.takeText()
    await end(client)
    await client.tcp.close()
  }

/** A request that ends in some way before or after its answer. */
const requestVisit =
  (bytes: string | Uint8Array, end: (tcp: TcpClient) => Promise<unknown>): Visit =>
  async (options) => {
    const tcp = await TcpClient.connect(options)
    await tcp.write(bytes)
    await end(tcp)
    await tcp.close()
  }

const visits: readonly Visit[] = [
  socketVisit(async (client) => {
    await client.sendClose(1000, 'bye')
    await client.takeClose()
    await client.tcp.takeRest()
  }),
  socketVisit(async (client) => client.tcp.reset()),
  socketVisit(async (client) => {
    client.tcp.end()
    await client.tcp.takeRest()
  }),
  socketVisit(async (client) => {
    await client.sendText('bye')
    await client.takeClose()
    await client.sendClose(4000)
    await client.tcp.takeRest()
  }),
  socketVisit(async (client) => {
    await client.tcp.write(Buffer.of(0x81, 0x00))
    await client.takeClose()
  }),
  socketVisit(async (client) => {
    await client.tcp.write(clientFrame(0x01, Buffer.alloc(1_000, 'x')).subarray(0, 500))
    client.tcp.reset()
  }),
  requestVisit(handshakeRequest('/refused'), takeResponse),
  requestVisit(handshakeRequest('/refused'), async (tcp) => tcp.reset()),
  requestVisit(request('GET /hello/you', ['Connection: close']), takeResponse),
  requestVisit(
    request('GET /hello/you') + post('/json', '{"a":[1,2,3]}') + request('GET /nowhere'),
    async (tcp) => {
      for (let i = 0; i < 3; i++) await takeResponse(tcp)
    },
  ),
  requestVisit(
    request('POST /json', ['Content-Type: application/json', 'Content-Length: 100'], '{"a":'),
    async (tcp) => tcp.reset(),
  ),
  requestVisit(request('GET /never'), async (tcp) => tcp.reset()),
  requestVisit(request('GET /stream'), (tcp) => tcp.take(500)),
  requestVisit('GARBAGE\r\n\r\n', takeResponse),
  requestVisit('GET /hello', async (tcp) => tcp.reset()),
]

/** How many connections are open at a time. */
const AT_ONCE = 50

/** Opens and closes so many connections of all kinds, always some at a time. */
export async function makeVisits(port: number, count: number): Promise<void> {
  let next = 0
  const visitor = async (): Promise<void> => {
    while (next < count) {
      const number = next++
      const visit = visits[number % visits.length] as Visit
      await visit({ port, ...sourceAddress(number) })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, visitor))
}

/** Linux owns all of 127.0.0.0/8: closed connections keep their ports for a minute, so that one address would run out of them. */
function sourceAddress(number: number): { readonly localAddress?: string } {
  if (process.platform !== 'linux') return {}
  return { localAddress: `127.0.1.${1 + (Math.floor(number / visits.length) % 200)}` }
}
