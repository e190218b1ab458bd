import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announce } from './announce.ts'

const PREFIX = '/hello/'

const server = createServer((request, response) => {
  const path = request.url ?? ''
  if (request.method !== 'GET' || !path.startsWith(PREFIX)) {
    response.writeHead(404).end()
    return
  }
  let name: string
  try {
    name = decodeURIComponent(path.slice(PREFIX.length))
  } catch {
    response.writeHead(400).end()
    return
  }
  const body = JSON.stringify({ hello: name })
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
})

// A WebSocket as bare as it gets: the handshake, and nothing that would take frames.
server.on('upgrade', (request, connection) => {
  const key = request.headers['sec-websocket-key']
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  connection.on('error', () => connection.destroy())
  connection.on('end', () => connection.end())
  connection.resume()
  connection.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
})
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port))
