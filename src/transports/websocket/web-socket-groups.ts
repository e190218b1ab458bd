import type { Transport, TransportGroups } from '../../realtime/transport.ts'
import type { TopicHub } from '../../websocket/topic-hub.ts'
import { WebSocketTransport } from './web-socket-transport.ts'

/** Groups of WebSocket connections: topics of the app's hub. */
export class WebSocketGroups implements TransportGroups {
  readonly #hub: TopicHub

  constructor(hub: TopicHub) {
    this.#hub = hub
  }

  publish(group: string, text: string, except: Transport | undefined): void {
    if (except instanceof WebSocketTransport) {
      this.#hub.publishFrom(except.socket, group, text)
    } else this.#hub.publish(group, text)
  }
}
