import type { RuntimePort } from '../../app/runtime-port.ts'
import { resolveListenOptions } from './listen-options.ts'
import { NodeServer } from './node-server.ts'

/** Serves with Node's http and https. */
export const nodeRuntime: RuntimePort = {
  async serve(dispatcher, options) {
    const server = new NodeServer(dispatcher, resolveListenOptions(options))
    await server.listen()
    return server
  },
}
