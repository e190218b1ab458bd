import { app } from './app.ts'

const server = await app.listen({ port: 0, host: '127.0.0.1' })
const response = await fetch(`http://127.0.0.1:${server.port}/hello/world`)
console.log(`request: ${await response.text()}`)

const socket = new WebSocket(`ws://127.0.0.1:${server.port}/echo`)
const message = await new Promise<unknown>((resolve, reject) => {
  socket.addEventListener('open', () => socket.send('echoed'))
  socket.addEventListener('message', (event) => resolve(event.data))
  socket.addEventListener('error', () => reject(new Error('the socket failed')))
})
console.log(`socket: ${String(message)}`)
socket.close()
await server.close()
