import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AcceptedSocket, type SocketDefinition } from '../../../src/app/accepted-socket.ts'
import { DEFAULT_SOCKET_OPTIONS } from '../../../src/app/compile-socket-route.ts'
import type { CompiledRoute } from '../../../src/app/scope.ts'

const ONE = { pattern: '/one' } as CompiledRoute
const OTHER = { pattern: '/other' } as CompiledRoute

describe('accepted upgrades', () => {
  const definition: SocketDefinition = {
    hooks: {},
    options: DEFAULT_SOCKET_OPTIONS,
    compression: undefined,
  }

  function accepted(route: CompiledRoute, data?: unknown, protocol = ''): AcceptedSocket {
    const made = new AcceptedSocket(definition, data, protocol)
    made.compiledRoute = route
    return made
  }

  test('are one object for sockets of a route that differ in nothing', () => {
    const first = accepted(ONE).shared()
    assert.equal(accepted(ONE).shared(), first)
    assert.equal(first.route, '/one')
  })

  test('are never shared between routes, nor where data, protocol or headers are their own', () => {
    const plain = accepted(ONE).shared()
    assert.equal(accepted(OTHER).shared().route, '/other')
    const withHeaders = accepted(ONE)
    withHeaders.headers = [['x-one', '1']]
    for (const own of [accepted(ONE, { user: 1 }), accepted(ONE, undefined, 'chat'), withHeaders]) {
      assert.equal(own.shared(), own)
      assert.notEqual(own, plain)
    }
  })
})
