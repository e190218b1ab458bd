import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GoWeb } from 'goweb'
import { SocketClient, handshakeRequest } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'

test('the signal of a handshake tells that the client left before its answer, and nothing of the socket’s end', async (t) => {
  const signals: AbortSignal[] = []
  const closed = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<AbortSignal>()
  const app = new GoWeb()
    .ws('/echo', {
      upgrade: async ({ signal }) => {
        signals.push(signal)
        await Promise.resolve()
      },
      close: () => closed.resolve(),
    })
    .ws('/never', {
      upgrade: ({ signal }) => {
        asked.resolve(signal)
        return new Promise(() => {})
      },
    })
  const server = await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close(0))

  const client = await SocketClient.open({ port: server.port })
  await client.close()
  await closed.promise
  assert.equal(signals[0]?.aborted, false)

  const leaving = await TcpClient.connect({ port: server.port })
  await leaving.write(handshakeRequest('/never'))
  const signal = await asked.promise
  const left = new Promise((resolve) => signal.addEventListener('abort', resolve))
  await leaving.close()
  await left
})
