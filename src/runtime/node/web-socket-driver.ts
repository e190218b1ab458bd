import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { AcceptedUpgrade } from '../../app/dispatcher.ts'
import type { ServerSocket } from '../../websocket/server-socket.ts'
import type { SocketDriver } from '../../websocket/socket-driver.ts'
import { adoptConnection, shareReads } from './adopt-connection.ts'

const OWNER: unique symbol = Symbol('goweb.socket')
const READS: unique symbol = Symbol('goweb.reads')
const OURS: unique symbol = Symbol('goweb.ours')
/** Reads after which a connection is worth the cost of {@link adoptConnection}; those that mostly listen are never moved. */
const TALKATIVE_READS = 8

/** A connection of Node's http server after its upgrade. */
export interface NodeConnection extends Duplex {
  [OWNER]?: NodeWebSocket | undefined
  [READS]?: number
  /** That {@link adopt} made it: nobody else knows it. */
  [OURS]?: true
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
  hasLeft(connection) {
    // Another connection may have been given a `write` that keeps bytes back, or be a stream that does.
    return connection[OURS] === true && connection.writableLength === 0
  },
  queuedBytes(connection) {
    return connection.writableLength
  },
  pause(connection) {
    connection.pause()
  },
  resume(connection) {
    connection.resume()
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
  connection[READS] = 0
  dropUnneeded(connection)
  connection.on('data', onData).on('drain', onDrain).on('end', onEnd).on('close', onClose)
}

/** For the event `error` of connections: `close` follows, and tells the socket. */
export function ignoreError(): void {}

function onData(this: NodeConnection, chunk: Buffer): void {
  const socket = this[OWNER]
  if (socket === undefined) return
  socket.receive(chunk)
  this[READS] = (this[READS] ?? 0) + 1
  if (this[READS] === TALKATIVE_READS) adopt(this, socket)
}

/** Each has one listener of ours. */
const OUR_EVENTS = ['data', 'drain', 'end', 'close', 'error'] as const

/** Moves a socket to a connection that reads faster; where that cannot be now, it is tried again later. */
function adopt(connection: NodeConnection, socket: NodeWebSocket): void {
  connection[READS] = 0
  // The app may have listeners of its own, by `c.raw`: they would be told that it is closed.
  if (OUR_EVENTS.some((name) => connection.listenerCount(name) !== 1)) return
  const adopted: NodeConnection | undefined = adoptConnection(connection, sharedReads)
  if (adopted === undefined) return
  connection[OWNER] = undefined
  adopted[OWNER] = socket
  adopted[OURS] = true
  adopted.on('error', ignoreError).on('drain', onDrain).on('end', onEnd).on('close', onClose)
  socket.moveTo(adopted)
}

const sharedReads = shareReads(function (this: NodeConnection, bytes) {
  this[OWNER]?.receive(bytes)
})

/** Node's listener for the end of a connection, the same function for all. */
let unneededEnd: ReturnType<typeof findUnneededEnd>

/**
 * Lets go of what Node keeps for a connection that is half-open and whose address was read: a listener for `end` that does
 * nothing there, which makes a list of two, and the address as an object. Idle, 170 bytes of 4,500.
 */
function dropUnneeded(connection: NodeConnection): void {
  if (!(connection instanceof Socket) || connection instanceof TLSSocket) return
  if (connection.allowHalfOpen) {
    unneededEnd ??= findUnneededEnd(connection)
    if (unneededEnd !== undefined) connection.off('end', unneededEnd)
  }
  // A cache, filled again when it is asked for.
  if ('_peername' in connection) connection._peername = null
}

function findUnneededEnd(connection: Socket): ReturnType<Socket['listeners']>[0] | undefined {
  return connection.listeners('end').find(({ name }) => name === 'onReadableStreamEnd')
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
