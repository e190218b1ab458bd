/**
 * The server's end of one channel connection: it carries texts, and knows nothing of what they say.
 *
 * What is sent and what is published to groups reaches the client in the order of the calls. All of one turn of the event loop may leave together.
 */
export interface Transport {
  /** Sends one text. Nothing once it is closed. */
  send(text: string): void
  /** Gets what is published to the group from here on; again is no error. */
  join(group: string): void
  leave(group: string): void
  /** Bytes that the client has not taken yet. */
  readonly bufferedAmount: number
  /** Ends the connection with a code that the client sees; what was sent before still arrives. */
  close(code: number, reason: string): void
}

/** Sends one text to many connections, encoded and framed once. */
export interface TransportGroups {
  /** @param except is left out; it may belong to another kind of transport. */
  publish(group: string, text: string, except: Transport | undefined): void
}
