import type { Dispatcher } from '../../app/dispatcher.ts'
import type { RuntimePort } from '../../app/runtime-port.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import { resolveListenOptions, type ResolvedListenOptions } from '../listen-options.ts'
import { processSignals } from '../process-signals.ts'
import { NodeServer } from './node-server.ts'

/** Serves with Node's http and https. */
export const nodeRuntime: RuntimePort = {
  ending: processSignals,
  async serve(dispatcher, options) {
    const server = makeServer(dispatcher, resolveListenOptions(options))
    await server.listen()
    return server
  },
}

function makeServer(dispatcher: Dispatcher, options: ResolvedListenOptions): NodeServer {
  try {
    return new NodeServer(dispatcher, options)
  } catch (cause) {
    // Only a certificate can be wrong here: the other options were checked.
    if (options.tls === undefined) throw cause
    throw new GoWebError(
      'LISTEN_OPTIONS_INVALID',
      'listen: tls: certificate, key or passphrase is not usable',
      { cause },
    )
  }
}
