import type { Dispatcher } from '../../../src/app/dispatcher.ts'
import type { ListenOptions, Server } from '../../../src/app/runtime-port.ts'
import { registerRuntime } from '../../../src/app/runtime-registry.ts'
import { fakeRuntime, fakeServer } from './fake-runtime.ts'

/** Has an app listen on a runtime that only hands out what it was given: the app as runtimes see it. */
export async function dispatcherOf(app: {
  listen(options: ListenOptions): Promise<Server>
}): Promise<Dispatcher> {
  let given: Dispatcher | undefined
  registerRuntime(async () =>
    fakeRuntime(async (dispatcher) => {
      given = dispatcher
      return fakeServer()
    }),
  )
  await app.listen({})
  return given as Dispatcher // Set by serve.
}
