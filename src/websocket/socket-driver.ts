/**
 * What a runtime does for sockets: the port between the engine and a platform's connections.
 *
 * One driver serves all sockets; `handle` is the platform's connection. The runtime calls the socket's `receive`, `handleDrain`,
 * `handleEnd` and `handleClose` when the platform reports them; a driver never calls them before the method that caused
 * them has returned. All methods may be called on a connection that is gone, and do nothing then.
 */
export interface SocketDriver<Handle> {
  /**
   * Gives bytes to the platform in one write; they must not be changed before they {@link hasLeft}.
   *
   * @returns false when the peer does not keep up: `handleDrain` follows once everything was taken.
   */
  write(handle: Handle, bytes: Uint8Array): boolean
  /** The same for several pieces: one gathering write where the platform has it. */
  writeAll(handle: Handle, pieces: readonly Uint8Array[]): boolean
  /** Whether all that was written has left, so that nobody reads its memory any more; false where that cannot be known. */
  hasLeft(handle: Handle): boolean
  /** Bytes given to the platform that the operating system has not taken. */
  queuedBytes(handle: Handle): number
  /** Reads nothing more until `resume`: the peer has to wait. */
  pause(handle: Handle): void
  resume(handle: Handle): void
  /** Ends this side once everything is written; `handleClose` follows when the other side has ended too. */
  end(handle: Handle): void
  /** Ends the connection at once; `handleClose` follows. */
  destroy(handle: Handle): void
}
