import { Hono } from 'hono'
import { announce } from './announce.ts'

const app = new Hono()
app.onError((error, c) => {
  console.error(error)
  return c.json({ error: 'Internal error' }, 500)
})
app.get('/hello/:name', (c) => c.json({ hello: c.req.param('name') }))
const server = Bun.serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
announce(server.port ?? 0)
