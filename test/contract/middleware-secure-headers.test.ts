import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { html } from 'goweb'
import { secureHeaders, type SecureHeadersOptions } from 'goweb/middleware/secure-headers'
import { hasCode } from '../unit/http/has-code.ts'
import { onBoth, onFetch } from './on-both.ts'

const DEFAULTS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'; img-src 'self' data:; " +
    "object-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
}
const OFF: SecureHeadersOptions = {
  contentSecurityPolicy: false,
  contentTypeOptions: false,
  frameOptions: false,
  openerPolicy: false,
  originAgentCluster: false,
  permissionsPolicy: false,
  referrerPolicy: false,
  resourcePolicy: false,
  strictTransportSecurity: false,
}

/** The headers of an answer that are in question. */
function secureOf(headers: Headers): Record<string, string> {
  const names = new Set([
    ...Object.keys(DEFAULTS),
    'cross-origin-embedder-policy',
    'strict-transport-security',
  ])
  return Object.fromEntries(
    [...headers].filter(([name]) => names.has(name) || name.startsWith('content-security-policy')),
  )
}

describe('secureHeaders', () => {
  onBoth('sets strict defaults on every answer, errors too', async (world) => {
    const app = world
      .makeApp()
      .use(secureHeaders())
      .get('/', () => 'home')
      .get('/fails', () => {
        throw new Error('secret')
      })
    const client = await world.serve(app)
    for (const [path, status] of [
      ['/', 200],
      ['/nowhere', 404],
      ['/fails', 500],
    ] as const) {
      const answer = await client.send(`GET ${path}`)
      assert.equal(answer.status, status)
      assert.deepEqual(secureOf(answer.headers), DEFAULTS)
    }
    await world.reports.take()
  })

  onBoth('lets a handler win, and every header be turned off', async (world) => {
    const inner = world
      .makeApp()
      .use(secureHeaders())
      .get('/', (c) => {
        const reply = c.text('x')
        reply.headers.set('x-frame-options', 'DENY')
        c.setHeader('referrer-policy', 'origin')
        return reply
      })
    const answer = await (await world.serve(inner)).send('GET /')
    assert.equal(answer.headers.get('x-frame-options'), 'DENY')
    assert.equal(answer.headers.get('referrer-policy'), 'origin')
    const bare = await world.serve(world.makeApp().use(secureHeaders(OFF)))
    assert.deepEqual(secureOf((await bare.send('GET /')).headers), {})
  })

  onBoth('takes other values', async (world) => {
    const app = world.makeApp().use(
      secureHeaders({
        contentSecurityPolicy: {
          'img-src': ["'self'", 'https://images.example.com'],
          'connect-src': "'self' wss://live.example.com",
          'form-action': false,
          'upgrade-insecure-requests': true,
        },
        reportOnly: true,
        referrerPolicy: 'no-referrer',
        frameOptions: 'DENY',
        openerPolicy: 'same-origin-allow-popups',
        resourcePolicy: 'cross-origin',
        embedderPolicy: 'require-corp',
        originAgentCluster: false,
        permissionsPolicy: { camera: ['self', 'https://call.example.com'], usb: false, fullscreen: '*' },
      }),
    )
    const answer = await (await world.serve(app)).send('GET /')
    assert.deepEqual(secureOf(answer.headers), {
      'content-security-policy-report-only':
        "default-src 'self'; base-uri 'self'; frame-ancestors 'self'; img-src 'self' https://images.example.com; " +
        "object-src 'none'; script-src 'self'; script-src-attr 'none'; style-src 'self'; " +
        "connect-src 'self' wss://live.example.com; upgrade-insecure-requests",
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-opener-policy': 'same-origin-allow-popups',
      'cross-origin-resource-policy': 'cross-origin',
      'permissions-policy':
        'camera=(self "https://call.example.com"), display-capture=(), geolocation=(), microphone=(), payment=(), fullscreen=*',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
  })

  onFetch('sends HSTS over https alone', async (world) => {
    const hsts = async (scheme: string, options?: SecureHeadersOptions): Promise<string | null> => {
      const app = world.makeApp().use(secureHeaders(options))
      const response = await app.fetch(new Request(`${scheme}://localhost/`))
      return response.headers.get('strict-transport-security')
    }
    assert.equal(await hsts('http'), null)
    assert.equal(await hsts('https'), 'max-age=31536000; includeSubDomains')
    const preload = { maxAgeSeconds: 63_072_000, preload: true }
    assert.equal(
      await hsts('https', { strictTransportSecurity: preload }),
      'max-age=63072000; includeSubDomains; preload',
    )
    const forget = { maxAgeSeconds: 0, includeSubDomains: false }
    assert.equal(await hsts('https', { strictTransportSecurity: forget }), 'max-age=0')
  })

  onBoth('makes a nonce for each answer', async (world) => {
    const app = world
      .makeApp()
      .use(secureHeaders({ nonce: true }))
      .get('/', (c) => c.html(html`<script nonce="${c.cspNonce}"></script>`))
    const client = await world.serve(app)
    const seen = new Set<string>()
    for (let i = 0; i < 5; i++) {
      const answer = await client.send('GET /')
      const nonce = /nonce="([^"]+)"/.exec(answer.text)?.[1] ?? ''
      assert.match(nonce, /^[A-Za-z0-9+/]{22}==$/)
      const policy = answer.headers.get('content-security-policy') ?? ''
      assert.ok(policy.includes(`script-src 'self' 'nonce-${nonce}'`), policy)
      assert.ok(policy.includes(`style-src 'self' 'nonce-${nonce}'`), policy)
      seen.add(nonce)
    }
    assert.equal(seen.size, 5)
  })

  onFetch('puts the nonce where the policy says so', async (world) => {
    const policyOf = async (options: SecureHeadersOptions): Promise<string> => {
      const app = world.makeApp().use(secureHeaders(options))
      const response = await app.fetch(new Request('http://localhost/'))
      return (response.headers.get('content-security-policy') ?? '').replaceAll(/nonce-[^']+/g, 'nonce-N')
    }
    const directives = { 'script-src': ["'nonce'", "'strict-dynamic'"] }
    const strict = await policyOf({ nonce: true, contentSecurityPolicy: directives })
    assert.match(strict, /script-src 'nonce-N' 'strict-dynamic';.*style-src 'self'$/)
    const text = "script-src 'nonce'; style-src 'nonce'"
    assert.equal(
      await policyOf({ nonce: true, contentSecurityPolicy: text }),
      "script-src 'nonce-N'; style-src 'nonce-N'",
    )
  })

  test('refuses options that would not protect, when it is made', () => {
    const csp = (contentSecurityPolicy: unknown): unknown => ({ contentSecurityPolicy })
    const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
      ['x', /object of options/],
      [{ csp: {} }, /unknown option "csp"/],
      [csp({ 'script-src': 'self' }), /'self' of script-src in single quotes/],
      [csp({ 'frame-ancestors': ['none'] }), /single quotes/],
      [csp({ 'script-source': "'self'" }), /"script-source" is none/],
      [csp({ 'script-src': ["'none'", "'self'"] }), /'none' alone/],
      [csp({ 'script-src': [] }), /at least one/],
      [csp({ 'script-src': true }), /sources for script-src/],
      [csp({ 'script-src': 7 }), /got 7/],
      [csp({ 'script-src': ["'self'; object-src *"] }), /without spaces/],
      [csp({ 'script-src': ["'self',*"] }), /without spaces/],
      [csp("script-src 'self'\r\nx: y"), /printable/],
      [csp(7), /directives/],
      [csp({ 'script-src': "'nonce'" }), /nonce: true/],
      [{ nonce: true, contentSecurityPolicy: false }, /policy to put it into/],
      [{ nonce: true, contentSecurityPolicy: "default-src 'self'" }, /it is missing/],
      [{ referrerPolicy: 'none' }, /one of/],
      [{ frameOptions: 'ALLOW' }, /one of "DENY", "SAMEORIGIN"; got "ALLOW"/],
      [{ embedderPolicy: true }, /one of/],
      [{ permissionsPolicy: { camera: 'self' } }, /list for camera/],
      [{ permissionsPolicy: { camera: ['example.com'] } }, /https:\/\/example\.com for camera/],
      [{ permissionsPolicy: { 'Camera ': 'none' } }, /feature names/],
      [{ permissionsPolicy: 7 }, /features/],
      [{ strictTransportSecurity: { maxAge: 5 } }, /"maxAge"/],
      [{ strictTransportSecurity: { maxAgeSeconds: -1 } }, /whole number/],
      [{ strictTransportSecurity: { includeSubDomains: 1 } }, /true or false/],
      [{ strictTransportSecurity: { preload: true, maxAgeSeconds: 60 } }, /at least one year/],
      [{ strictTransportSecurity: 'max-age=1' }, /object/],
    ]
    for (const [options, message] of wrong) {
      assert.throws(
        () => secureHeaders(options as SecureHeadersOptions),
        hasCode('SECURE_HEADERS_OPTIONS_INVALID', message),
        JSON.stringify(options),
      )
    }
  })
})
