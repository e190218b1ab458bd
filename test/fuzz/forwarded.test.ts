import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseForwarded } from '../../src/http/parse-forwarded.ts'
import { FetchRequest } from '../../src/http/fetch-request.ts'
import { ProxyTrust } from '../../src/http/proxy-trust.ts'
import { fuzzOptions } from './fuzz-options.ts'

const PIECES = [
  'for=',
  'proto=',
  'host=',
  'by=',
  '"',
  '\\',
  ';',
  ',',
  ' ',
  '=',
  '10.0.0.1',
  '203.0.113.7',
  '[::1]',
  ':80',
  'https',
  'unknown',
  '_x',
  'a.example',
  '"[2001:db8::1]:9"',
  '/',
  '@',
  '%',
]

const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((parts) => parts.join(''))

test('whatever proxies write, an address is that of the peer or one of the list, and a host is one', () => {
  const checks = (['x-forwarded', 'forwarded'] as const).map(
    (header) => new ProxyTrust({ trust: ['private', 'loopback'], header }),
  )
  fc.assert(
    fc.property(pieces, pieces, pieces, (addresses, protos, hosts) => {
      const headers = {
        'x-forwarded-for': addresses,
        'x-forwarded-proto': protos,
        'x-forwarded-host': hosts,
        forwarded: addresses,
      }
      const request = new FetchRequest(new Request('http://inner/', { headers }), { ip: '10.0.0.1' })
      for (const trust of checks) {
        const { ip, scheme, host } = trust.apply(request)
        assert.ok(ip === '10.0.0.1' || addresses.includes(ip), ip)
        assert.ok(scheme === 'http' || scheme === 'https')
        assert.notEqual(URL.parse(`${scheme}://${host}/`), null)
      }
    }),
    fuzzOptions(5_000),
  )
})

test('what is written by RFC 7239 is read back', () => {
  const value = fc.string({ minLength: 1, maxLength: 12 })
  const element = fc.record(
    { for: value, proto: value, host: value },
    { requiredKeys: ['for'], noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 5 }), (elements) => {
      const text = elements
        .map((one) =>
          Object.entries(one)
            .map(([name, text]) => `${name}="${text.replaceAll(/["\\]/g, '\\$&')}"`)
            .join('; '),
        )
        .join(' , ')
      assert.deepEqual(parseForwarded(text), elements)
    }),
    fuzzOptions(5_000),
  )
})
