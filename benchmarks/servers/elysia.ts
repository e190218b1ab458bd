import { Elysia } from 'elysia'
import { announce } from './announce.ts'

const app = new Elysia()
  .onError(({ error, code }) => {
    if (code === 'NOT_FOUND') return
    console.error(error)
    return new Response('Internal error', { status: 500 })
  })
  .get('/hello/:name', ({ params }) => ({ hello: params.name }))
  .listen({ hostname: '127.0.0.1', port: 0 })
announce(app.server?.port ?? 0)
