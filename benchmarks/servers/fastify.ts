import { fastify } from 'fastify'
import type { AddressInfo } from 'node:net'
import { announce } from './announce.ts'

const app = fastify()
app.setErrorHandler((error, _request, reply) => {
  console.error(error)
  return reply.code(500).send({ error: 'Internal error' })
})
app.get<{ Params: { name: string } }>('/hello/:name', (request, reply) =>
  reply.send({ hello: request.params.name }),
)
await app.listen({ host: '127.0.0.1', port: 0 })
announce((app.server.address() as AddressInfo).port)
