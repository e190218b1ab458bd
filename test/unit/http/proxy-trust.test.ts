import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FetchRequest } from '../../../src/http/fetch-request.ts'
import { ProxyTrust, type ProxyOptions } from '../../../src/http/proxy-trust.ts'

/** What a request is taken for: `ip scheme://host`. */
function seen(options: ProxyOptions, ip: string, headers: Record<string, string>): string {
  const request = new FetchRequest(new Request('http://inner:8080/', { headers }), { ip })
  const { ip: address, scheme, host } = new ProxyTrust(options).apply(request)
  return `${address} ${scheme}://${host}`
}

const NEAR = '10.0.0.1'
const X: ProxyOptions = { trust: ['private'] }
const RFC_7239: ProxyOptions = { trust: ['private'], header: 'forwarded' }

describe('a proxy that is trusted', () => {
  const cases: [name: string, options: ProxyOptions, headers: Record<string, string>, expected: string][] = [
    ['says nothing', X, {}, '10.0.0.1 http://inner:8080'],
    ['says for whom', X, { 'x-forwarded-for': '203.0.113.7' }, '203.0.113.7 http://inner:8080'],
    [
      'says everything',
      X,
      { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'example.com' },
      '203.0.113.7 https://example.com',
    ],
    ['says only how', X, { 'x-forwarded-proto': 'https' }, '10.0.0.1 https://inner:8080'],
    ['says wss', X, { 'x-forwarded-proto': 'WSS' }, '10.0.0.1 https://inner:8080'],
    ['says a port', X, { 'x-forwarded-for': '203.0.113.7:5678' }, '203.0.113.7 http://inner:8080'],
    ['speaks IPv6', X, { 'x-forwarded-for': '2001:db8::7' }, '2001:db8::7 http://inner:8080'],
    [
      'speaks IPv6 with a port',
      X,
      { 'x-forwarded-for': '[2001:db8::7]:99' },
      '2001:db8::7 http://inner:8080',
    ],
    ['speaks IPv4 in IPv6', X, { 'x-forwarded-for': '::ffff:203.0.113.7' }, '203.0.113.7 http://inner:8080'],
    [
      'appends to what the client made up',
      X,
      { 'x-forwarded-for': '127.0.0.1, 10.9.9.9, 203.0.113.7', 'x-forwarded-proto': 'https' },
      '203.0.113.7 https://inner:8080',
    ],
    [
      'is behind another one',
      X,
      { 'x-forwarded-for': '1.1.1.1, 203.0.113.7, 10.0.0.2', 'x-forwarded-proto': 'https' },
      '203.0.113.7 https://inner:8080',
    ],
    [
      'is behind another one, and each says how',
      X,
      { 'x-forwarded-for': '203.0.113.7, 10.0.0.2', 'x-forwarded-proto': 'https, http' },
      '203.0.113.7 https://inner:8080',
    ],
    [
      'is the only one whose scheme can be told',
      X,
      { 'x-forwarded-for': '1.1.1.1, 203.0.113.7, 10.0.0.2', 'x-forwarded-proto': 'https, http' },
      '203.0.113.7 http://inner:8080',
    ],
    ['hides the client', X, { 'x-forwarded-for': 'unknown' }, '10.0.0.1 http://inner:8080'],
    [
      'hides one on the way',
      X,
      { 'x-forwarded-for': '203.0.113.7, _hidden, 10.0.0.2' },
      '10.0.0.2 http://inner:8080',
    ],
    ['says what is no host', X, { 'x-forwarded-host': 'a/b' }, '10.0.0.1 http://inner:8080'],
    ['says what is no scheme', X, { 'x-forwarded-proto': 'gopher' }, '10.0.0.1 http://inner:8080'],
    ['writes the other header', X, { forwarded: 'for=203.0.113.7' }, '10.0.0.1 http://inner:8080'],
    [
      'writes Forwarded',
      RFC_7239,
      { forwarded: 'for=203.0.113.7;proto=https;host=example.com' },
      '203.0.113.7 https://example.com',
    ],
    [
      'writes Forwarded as the RFC quotes it',
      RFC_7239,
      { forwarded: 'For="[2001:db8:cafe::17]:4711" ; Proto=HTTPS;by=203.0.113.43' },
      '2001:db8:cafe::17 https://inner:8080',
    ],
    [
      'is behind another one, with Forwarded',
      RFC_7239,
      { forwarded: 'for=1.1.1.1;proto=http, for=203.0.113.7;proto=https,, for=10.0.0.2' },
      '203.0.113.7 https://inner:8080',
    ],
    ['passes on X-Forwarded', RFC_7239, { 'x-forwarded-for': '203.0.113.7' }, '10.0.0.1 http://inner:8080'],
    ['writes garbage', RFC_7239, { forwarded: 'for=203.0.113.7;proto="https' }, '10.0.0.1 http://inner:8080'],
    ['says it twice', RFC_7239, { forwarded: 'for=203.0.113.7;for=1.1.1.1' }, '10.0.0.1 http://inner:8080'],
  ]
  for (const [name, options, headers, expected] of cases) {
    test(name, () => assert.equal(seen(options, NEAR, headers), expected))
  }
})

describe('who is trusted', () => {
  const headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }
  const cases: [trust: ProxyOptions['trust'], peer: string, isTrusted: boolean][] = [
    [['loopback'], '127.0.0.1', true],
    [['loopback'], '127.9.9.9', true],
    [['loopback'], '::1', true],
    [['loopback'], '::ffff:127.0.0.1', true],
    [['loopback'], '10.0.0.1', false],
    [['loopback'], '', false],
    [['private'], '192.168.7.7', true],
    [['private'], '172.32.0.1', false],
    [['private'], 'fd00::1', true],
    [['private'], '127.0.0.1', false],
    [['unix'], '', true],
    [['unix'], '127.0.0.1', false],
    [['203.0.113.0/24'], '203.0.113.200', true],
    [['203.0.113.0/24'], '203.0.114.1', false],
    [['198.51.100.1', '2001:db8::/32'], '2001:db8::5', true],
    [['198.51.100.1', '2001:db8::/32'], '198.51.100.1', true],
    [['198.51.100.1', '2001:db8::/32'], '198.51.100.2', false],
    [1, '8.8.8.8', true],
    [1, '', true],
  ]
  for (const [trust, peer, isTrusted] of cases) {
    test(`${JSON.stringify(trust)}: ${peer || 'a peer without address'} is ${isTrusted ? '' : 'not '}trusted`, () => {
      const expected = isTrusted ? '203.0.113.7 https://inner:8080' : `${peer} http://inner:8080`
      assert.equal(seen({ trust }, peer, headers), expected)
    })
  }

  test('as many as there are, whatever the client made up', () => {
    const made = { 'x-forwarded-for': '127.0.0.1, 203.0.113.7, 198.51.100.9' }
    assert.equal(seen({ trust: 1 }, NEAR, made), '198.51.100.9 http://inner:8080')
    assert.equal(seen({ trust: 2 }, NEAR, made), '203.0.113.7 http://inner:8080')
  })
})

describe('settings of proxies that are refused', () => {
  const invalid: unknown[] = [
    null,
    true,
    {},
    { trust: [] },
    { trust: 0 },
    { trust: 1.5 },
    { trust: true },
    { trust: ['10.0.0.0/33'] },
    { trust: ['10.0.0.0/'] },
    { trust: ['example.com'] },
    { trust: [7] },
    { trust: ['constructor'] },
    { trust: 1, header: 'x-real-ip' },
    { trust: 1, hops: 2 },
  ]
  for (const options of invalid) {
    test(JSON.stringify(options), () => {
      assert.throws(() => new ProxyTrust(options as ProxyOptions), {
        code: 'OPTION_INVALID',
        message: /^proxy: /,
      })
    })
  }
})
