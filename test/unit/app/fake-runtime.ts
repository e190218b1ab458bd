import type { RuntimePort, RuntimeServer } from '../../../src/app/runtime-port.ts'

/** A runtime whose servers do nothing: they are closed from the beginning. */
export function fakeRuntime(serve: RuntimePort['serve']): RuntimePort {
  return { ending: { register: () => () => {} }, serve }
}

/** A server of {@link fakeRuntime}. */
export function fakeServer(parts: Partial<RuntimeServer> = {}): RuntimeServer {
  const closed = Promise.resolve()
  return {
    port: 1,
    host: 'h',
    url: 'u',
    closed,
    close: () => closed,
    async stopAccepting() {},
    sockets: () => [],
    reloadTls() {},
    ...parts,
  }
}
