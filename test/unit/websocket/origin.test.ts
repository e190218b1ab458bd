import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertOrigin, type OriginFacts } from '../../../src/websocket/origin.ts'

function facts(
  origin: string | undefined,
  host = 'example.com',
  scheme: 'http' | 'https' = 'https',
): OriginFacts {
  return { origin, host, scheme }
}

describe('the origin check', () => {
  test('lets clients without an origin in: they are no browsers', () => {
    assertOrigin(facts(undefined), [])
  })

  test('lets the server’s own origin in, default ports and case aside', () => {
    assertOrigin(facts('https://example.com'), [])
    assertOrigin(facts('https://example.com', 'example.com:443'), [])
    assertOrigin(facts('https://example.com:443', 'example.com'), [])
    assertOrigin(facts('http://example.com', 'EXAMPLE.com:80', 'http'), [])
    assertOrigin(facts('http://localhost:8080', 'localhost:8080', 'http'), [])
    // Behind a proxy that ends TLS.
    assertOrigin(facts('https://example.com', 'example.com', 'http'), [])
    assertOrigin(facts('http://[::1]:8080', '[::1]:8080', 'http'), [])
  })

  test('refuses any other and names the setting', () => {
    for (const [origin, host, scheme] of [
      ['https://evil.example', 'example.com', 'https'],
      ['http://example.com', 'example.com', 'https'],
      ['https://evil.example', 'example.com', 'http'],
      ['https://example.com:8443', 'example.com', 'https'],
      ['https://example.com', 'example.com:8443', 'https'],
      ['https://sub.example.com', 'example.com', 'https'],
      ['https://example.com.evil.example', 'example.com', 'https'],
      ['https://example.com@evil.example', 'example.com', 'https'],
      ['https://user@example.com', 'example.com', 'https'],
      ['https://example.com/path', 'example.com', 'https'],
      ['null', 'example.com', 'https'],
      ['null', 'null', 'https'],
      ['', '', 'https'],
      ['https://', '', 'https'],
      ['file://', 'example.com', 'https'],
      ['https://example.com, https://evil.example', 'example.com', 'https'],
      ['https://evil.example', 'example.com/@evil.example', 'https'],
    ] as const) {
      assert.throws(
        () => assertOrigin(facts(origin, host, scheme), []),
        (error: { code: string; status: number; message: string }) => {
          assert.equal(error.code, 'ORIGIN_NOT_ALLOWED')
          assert.equal(error.status, 403)
          assert.match(error.message, /allowedOrigins/)
          return true
        },
      )
    }
  })

  test('lets listed origins in, exactly as listed', () => {
    const allowed = ['https://app.example', 'null']
    assertOrigin(facts('https://app.example'), allowed)
    assertOrigin(facts('null'), allowed)
    assertOrigin(facts('https://example.com'), allowed)
    assert.throws(() => assertOrigin(facts('https://app.example:8443'), allowed), {
      code: 'ORIGIN_NOT_ALLOWED',
    })
    assert.throws(() => assertOrigin(facts('https://app.example/'), allowed), { code: 'ORIGIN_NOT_ALLOWED' })
  })

  test('lets everybody in with *', () => {
    assertOrigin(facts('https://evil.example'), '*')
    assertOrigin(facts('null'), ['*'])
  })
})
