// Each line that is marked must not compile; see ../expected-errors.ts.
import { GoWeb, Reply } from 'goweb'

new GoWeb().ws('/echo/{room}', {
  upgrade: (c) => ({ room: c.params.rom }), // error: TS2551 Property 'rom' does not exist
  message: (socket, message) => void socket.send(message),
})

new GoWeb().ws('/data', {
  upgrade: (c) => (c.query.has('token') ? { name: 'Ada' } : new Reply(401, null, undefined)),
  open: (socket) => void socket.send(socket.data.nam), // error: TS2551 Property 'nam' does not exist
  message: (socket) => void socket.send(1), // error: TS2345
  close: (socket, code) => void socket.send(code), // error: TS2345
  massage: () => {}, // error: TS2561 'massage' does not exist
})

// Every hook has the data that `upgrade` returned.
new GoWeb().ws('/hooks', {
  upgrade: async () => ({ score: 0 }),
  open: (socket) => void socket.data.name, // error: TS2339 Property 'name' does not exist
  message: (socket) => void socket.data.name, // error: TS2339 Property 'name' does not exist
  ping: (socket) => void socket.data.name, // error: TS2339 Property 'name' does not exist
  pong: (socket) => void socket.data.name, // error: TS2339 Property 'name' does not exist
  drain: (socket) => void socket.data.name, // error: TS2339 Property 'name' does not exist
  close: (socket) => void socket.data.name, // error: TS2339 Property 'name' does not exist
  error: (socket) => void socket.data.name, // error: TS2339 Property 'name' does not exist
})
new GoWeb().ws('/none', { open: (socket) => void socket.data.name }) // error: TS18048 'socket.data' is possibly 'undefined'

// Handshakes read no body, and options have their types.
new GoWeb()
  .ws('/', { maxPayloadBytes: '1 MiB' }) // error: TS2322
  .ws('/', { backpressurePolicy: 'wait' }) // error: TS2322
  .ws('/', { protocols: 'v1' }) // error: TS2322
  .ws('/', { protocols: (offered) => offered.length }) // error: TS2322
  .ws('/', { message: (_socket, message) => void message.trim() }) // error: TS2339 Property 'trim' does not exist
  .ws('/', { open: (socket) => void (socket.protocol = 'v1') }) // error: TS2540 read-only
  .ws('/', { name: 7 }) // error: TS2322
  .ws('/') // error: TS2554
