import type { RuntimePort } from '../../app/runtime-port.ts'
import { resolveListenOptions } from '../listen-options.ts'
import { processSignals } from '../process-signals.ts'
import { BunServer } from './bun-server.ts'

/** Serves with `Bun.serve`. */
export const bunRuntime: RuntimePort = {
  ending: processSignals,
  async serve(dispatcher, options) {
    const server = new BunServer(dispatcher, resolveListenOptions(options))
    await server.listen()
    return server
  },
}
