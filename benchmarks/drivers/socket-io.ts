import { io } from 'socket.io-client'
import type { CreateDriver } from '../clients/client-driver.ts'
import type { NumberedMessage } from '../clients/numbered-message.ts'

/** Socket.IO's client, without long polling. */
export const createDriver: CreateDriver = (maxReconnectDelayMs) => ({
  open(port, network, { onReady, onMessage, onGap }) {
    const socket = io(`http://127.0.0.1:${port}/`, {
      transports: ['websocket'],
      forceNew: true,
      // Its types know agents of browsers only, which are strings or switches.
      agent: network as unknown as string,
      ...(maxReconnectDelayMs === undefined
        ? {}
        : { reconnectionDelay: maxReconnectDelayMs / 2, reconnectionDelayMax: maxReconnectDelayMs }),
    })
    let hasBeenThere = false
    socket.on('connect', () => {
      if (hasBeenThere && !socket.recovered) onGap()
      hasBeenThere = true
      onReady()
    })
    socket.on('message', (message: NumberedMessage) => onMessage(message))
    return {
      publish: (message) => new Promise((resolve) => socket.emit('message', message, resolve)),
      close: () => socket.close(),
    }
  },
})
