/** µWebSockets.js as published under another name in the npm registry; on the newest Node that its binary loads in. */
const uws = require('uwebsockets')

const TOPIC = 'news'
const maxPayloadLength = 1024 * 1024

const app = uws
  .App()
  .ws('/echo', {
    maxPayloadLength,
    message: (socket, message, isBinary) => void socket.send(message, isBinary),
  })
  .ws('/topic', {
    maxPayloadLength,
    open: (socket) => void socket.subscribe(TOPIC),
    message: (_socket, message, isBinary) => void app.publish(TOPIC, message, isBinary),
  })
  .ws('/publish', {
    maxPayloadLength,
    message: (_socket, message, isBinary) => void app.publish(TOPIC, message, isBinary),
  })
  .any('/*', (response) => void response.writeStatus('404 Not Found').end())
  .listen('127.0.0.1', 0, (listening) => {
    if (!listening) throw new Error('µWebSockets.js cannot listen')
    console.log(`listening on ${uws.us_socket_local_port(listening)}`)
  })

// The benchmark asks for a collection of garbage; there is none to speak of outside C++.
process.on('SIGUSR2', () => globalThis.gc?.())
