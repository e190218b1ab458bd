// alone: the runtimes that it registers stay for the whole process
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWeb } from '../../../src/app/goweb.ts'
import { registerRuntime } from '../../../src/app/runtime-registry.ts'
import { GoWebError } from '../../../src/errors/goweb-error.ts'
import { fakeRuntime, fakeServer } from './fake-runtime.ts'

describe('app.listen', () => {
  test('rejects where no runtime is known, and starts nothing', async () => {
    const app = new GoWeb().onStart(() => assert.fail('started'))
    await assert.rejects(app.listen(), { code: 'RUNTIME_UNSUPPORTED' })
    registerRuntime(() => Promise.reject(new GoWebError('RUNTIME_UNSUPPORTED')))
    await assert.rejects(app.listen(), { code: 'RUNTIME_UNSUPPORTED' })
  })

  test('takes a port or options, and gives them to the runtime', async () => {
    const given: unknown[] = []
    registerRuntime(async () =>
      fakeRuntime(async (_dispatcher, options) => {
        given.push(options)
        return fakeServer()
      }),
    )
    const server = await new GoWeb().listen(8081)
    await new GoWeb().listen({ port: 0, host: '::1' })
    await new GoWeb().listen()
    assert.deepEqual(given, [{ port: 8081 }, { port: 0, host: '::1' }, {}])
    assert.deepEqual([server.port, server.host, server.url], [1, 'h', 'u'])
    await server.close()
  })
})
