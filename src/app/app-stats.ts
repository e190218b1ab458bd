import type { RealtimeStats } from '../realtime/realtime-node.ts'
import type { TopicHub } from '../websocket/topic-hub.ts'

/**
 * What the sockets of an app did since it was made, over all of its servers; of now: `socketsOpen`, `bufferedBytes`,
 * `channelConnections` and `channelsSubscribed`.
 *
 * Counters only rise. Bytes are those of the connections after the request of the handshake, headers of frames included, before TLS.
 */
export interface AppStats {
  /** Sockets that are open or closing now. */
  readonly socketsOpen: number
  /** Handshakes that were accepted. */
  readonly socketsOpened: number
  /** Sockets that are gone; the sum of the four below. */
  readonly socketsClosed: number
  /** Of these with close code 1000, 1001 or none (1005). */
  readonly socketsClosedNormally: number
  /** Of these lost without a close frame (1006). */
  readonly socketsClosedLost: number
  /** Of these with a close code of the app, 3000 to 4999. */
  readonly socketsClosedByApp: number
  /** Of these with any other close code. */
  readonly socketsClosedWithError: number
  /** Sockets closed because the peer sent too fast (1008, 1013). */
  readonly socketsClosedForRate: number
  /** Sockets closed because the peer did not take what waited for it (1013). */
  readonly socketsClosedForBackpressure: number
  /** Sockets closed because the peer broke the protocol or a limit of its messages. */
  readonly socketsClosedForViolation: number
  /** Handshakes refused because of `maxSockets`. */
  readonly socketsRefusedForTotal: number
  /** Handshakes refused because of `maxSocketsPerAddress`. */
  readonly socketsRefusedForAddress: number
  /** Messages received, whole ones. */
  readonly messagesIn: number
  /** Messages sent with `send`. */
  readonly messagesOut: number
  /** Messages that a slow peer did not get, sent directly or by topic. */
  readonly messagesDropped: number
  /** Bytes received. */
  readonly bytesIn: number
  /** Bytes handed to the operating system or waiting for it. */
  readonly bytesOut: number
  /** Bytes that wait for slow peers now. */
  readonly bufferedBytes: number
  /** Messages published to topics, those without subscribers included. */
  readonly topicPublishes: number
  /** Messages of topics that went to a subscriber, one for each. */
  readonly topicDeliveries: number
  /** Channel connections that are open now; they are sockets, too. */
  readonly channelConnections: number
  /** Channels that have subscribers on this server now. */
  readonly channelsSubscribed: number
}

/** Takes the numbers of an app. */
export function appStats({ counters }: TopicHub, { connections, channels }: RealtimeStats): AppStats {
  let bufferedBytes = 0
  for (const server of counters.servers) bufferedBytes += server.bufferedBytes()
  return {
    socketsOpen: counters.opened - counters.closed,
    socketsOpened: counters.opened,
    socketsClosed: counters.closed,
    socketsClosedNormally: counters.closedNormally,
    socketsClosedLost: counters.closedLost,
    socketsClosedByApp: counters.closedByApp,
    socketsClosedWithError: counters.closedWithError,
    socketsClosedForRate: counters.closedForRate,
    socketsClosedForBackpressure: counters.closedForBackpressure,
    socketsClosedForViolation: counters.closedForViolation,
    socketsRefusedForTotal: counters.refusedForTotal,
    socketsRefusedForAddress: counters.refusedForAddress,
    messagesIn: counters.messagesIn,
    messagesOut: counters.messagesOut,
    messagesDropped: counters.messagesDropped,
    bytesIn: counters.bytesIn,
    bytesOut: counters.bytesOut,
    bufferedBytes,
    topicPublishes: counters.topicPublishes,
    topicDeliveries: counters.topicDeliveries,
    channelConnections: connections,
    channelsSubscribed: channels,
  }
}
