import type { Duplex } from 'node:stream'
import type { AcceptedUpgrade } from '../../app/dispatcher.ts'
import type { ServerSocket } from '../../websocket/server-socket.ts'
import type { SocketDriver } from '../../websocket/socket-driver.ts'

const OWNER: unique symbol = Symbol('goweb.socket')

/** A connection of Node's http server after its upgrade. */
export interface NodeConnection extends Duplex {
  [OWNER]?: NodeWebSocket
}

/** A socket on Node. */
export type NodeWebSocket = ServerSocket<NodeConnection, AcceptedUpgrade>

/** Sockets over connections of `node:net` and `node:tls`. */
export const nodeSocketDriver: SocketDriver<NodeConnection> = {
  write(connection, bytes) {
    return !connection.writable || connection.write(bytes)
  },
  writeAll(connection, pieces) {
    if (!connection.writable) return true
    let keepsUp = true
    connection.cork()
    for (const piece of pieces) keepsUp = connection.write(piece)
    connection.uncork()
    return keepsUp
  },
  queuedBytes(connection) {
    return connection.writableLength
  },
  end(connection) {
    connection.end()
  },
  destroy(connection) {
    connection.destroy()
  },
}

/**
 * Lets a connection tell its socket what happens.
 *
 * All connections share the listeners and find their socket in a property: closures would cost each idle connection.
 */
export function connectSocket(connection: NodeConnection, socket: NodeWebSocket): void {
  connection[OWNER] = socket
  connection.on('drain', onDrain).on('end', onEnd).on('close', onClose)
}

/** For the event `error` of connections: `close` follows, and tells the socket. */
export function ignoreError(): void {}

/** Hands a connection's socket what was read; the bytes are lent until it returns. */
export function takeBytes(connection: NodeConnection, bytes: Buffer): void {
  connection[OWNER]?.receive(bytes)
}

/** Listens to the event `data`, where a connection does not read into a shared buffer. */
export function readStream(connection: NodeConnection): void {
  connection.on('data', onData)
}

function onData(this: NodeConnection, chunk: Buffer): void {
  this[OWNER]?.receive(chunk)
}

function onDrain(this: NodeConnection): void {
  this[OWNER]?.handleDrain()
}

// Connections of an http server are half-open: without an answer to `end` those of vanished clients would stay.
function onEnd(this: NodeConnection): void {
  this[OWNER]?.handleEnd()
}

function onClose(this: NodeConnection): void {
  this[OWNER]?.handleClose()
}
