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
