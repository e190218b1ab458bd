import { connect } from 'goweb/client'
import { WebSocket } from 'ws'
import type { CreateDriver } from '../clients/client-driver.ts'
import type { NumberedMessage } from '../clients/numbered-message.ts'

/** GoWeb's client, over the package ws as Socket.IO's. */
export const createDriver: CreateDriver = (maxReconnectDelayMs) => ({
  open(port, network, { onReady, onMessage, onGap }) {
    class NetworkWebSocket extends WebSocket {
      constructor(url: string) {
        super(url, { agent: network, perMessageDeflate: false })
      }
    }
    const client = connect(`http://127.0.0.1:${port}/`, {
      WebSocket: NetworkWebSocket,
      ...(maxReconnectDelayMs === undefined ? {} : { maxReconnectDelayMs }),
    })
    const channel = client.channel('bench', {}, { onGap })
    channel.on((data, { offset }) => onMessage(data as NumberedMessage, offset))
    channel.onStateChange(({ state }) => {
      if (state === 'subscribed') onReady()
    })
    return { publish: (message) => channel.publish(message), close: () => client.close() }
  },
})
