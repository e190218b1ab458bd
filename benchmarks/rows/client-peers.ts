import { join } from 'node:path'
import type { PeerName } from '../peers/peers.ts'
import { CHANNEL_SERVER } from './channel-rows.ts'

/** A library in rows that are about its client too. */
export interface ClientPeer {
  readonly name: PeerName
  /** File of `servers/`; its argument is the port. */
  readonly server: string
  /** File of `drivers/`. */
  readonly driver: string
  /** Where its server keeps a file it needs a folder: the server gets the name of a broker besides the port. */
  readonly broker?: (folder: string) => string
}

/** Those with a client that connects again and resumes. */
export const CLIENT_PEERS: readonly ClientPeer[] = [
  { name: 'goweb', server: CHANNEL_SERVER.file, driver: 'goweb.ts' },
  { name: 'socket.io', server: 'socket-io-recovery.ts', driver: 'socket-io.ts' },
]

/** The same, and GoWeb with what survives its process. */
export const JITTER_PEERS: readonly ClientPeer[] = CLIENT_PEERS.flatMap((peer) =>
  peer.name === 'goweb'
    ? [
        peer,
        { ...peer, name: 'goweb-sqlite', broker: (folder: string) => `sqlite:${join(folder, 'jitter.db')}` },
      ]
    : [peer],
)
