import type { Transport, TransportGroups } from '../../realtime/transport.ts'
import type { TopicHub } from '../../websocket/topic-hub.ts'
import type { TurnSocket } from '../../websocket/outbox.ts'
import { WebSocketTransport } from './web-socket-transport.ts'

/** Groups of WebSocket connections: topics of the app's hub. */
export class WebSocketGroups implements TransportGroups {
  readonly #hub: TopicHub

  constructor(hub: TopicHub) {
    this.#hub = hub
  }

  publish(group: string, text: string, except: Transport | undefined): void {
    if (except instanceof WebSocketTransport) {
      // Every socket of the hub is one that its turns write to.
      this.#hub.publishFrom(except.socket as unknown as TurnSocket, group, text)
    } else this.#hub.publish(group, text)
  }
}
