import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Certificate } from './certificate.ts'
import { app, seenCloses } from './interop-app.ts'
import { ChromiumPeer, pythonPeer, runtimePeer, wsPeer } from './peers.ts'
import { EXPECTED, type SeenEnd } from './scenario.ts'

/** Tests every peer's scenario against a server of its own. */
export async function testPeers(scheme: 'ws' | 'wss'): Promise<void> {
  const certificate = new Certificate()
  const tls = scheme === 'wss' ? { tls: certificate } : {}
  const server = await app.listen({ host: '127.0.0.1', port: 0, ...tls })
  const base = `${scheme}://localhost:${server.port}`
  const chrome = await ChromiumPeer.launch()
  after(async () => {
    await chrome.close()
    await server.close()
    certificate.remove()
  })

  describe(`over ${scheme}`, () => {
    const runtimes = [runtimePeer('node', certificate.file), runtimePeer('bun', certificate.file)]
    for (const peer of [wsPeer(certificate.cert), ...runtimes, chrome]) {
      test(`${peer.name} sends, receives, pings and closes`, async () => {
        assert.deepEqual(await peer.run(base, peer.name), EXPECTED)
        await checkSeenCloses(peer.name, {
          byClient: { code: 3001, reason: 'tschüß' },
          byClientWithoutCode: { code: 1005, reason: '' },
          byServer: { code: 4010 },
          byServerWithoutReason: { code: 1000 },
        })
      })
    }

    test('python3-websockets sends, also in fragments, receives, pings, closes and is refused', async () => {
      const { ends, ...seen } = await pythonPeer(certificate.file).run(base, 'python')
      const { ends: expected, refused: _, ...others } = EXPECTED
      assert.deepEqual(seen, {
        ...others,
        fragments: ['text 2 same', 'text 1 same', 'binary 2 same', 'text 210000 same'],
        ping: 'ping xyz',
        welcome: 'welcome, python',
        statuses: { withoutCookie: 401, withWrongCookie: 403, missing: 404, foreignOrigin: 403 },
      })
      assert.deepEqual(ends, {
        byClient: expected['byClient'],
        byClientWithCode1000: { code: 1000, reason: '', wasClean: true },
        byServer: expected['byServer'],
        byServerWithoutReason: expected['byServerWithoutReason'],
      })
      await checkSeenCloses('python', {
        byClient: { code: 3001, reason: 'tschüß' },
        byClientWithCode1000: { code: 1000, reason: '' },
      })
    })
  })
}

/** What the server saw of the closes of a client; some answer its own close without the reason, as they may. */
async function checkSeenCloses(tag: string, expected: Record<string, Partial<SeenEnd>>): Promise<void> {
  for (const [kind, { code, reason }] of Object.entries(expected)) {
    const seen = await seenCloses.next((close) => close.tag === `${tag}-${kind}`)
    assert.equal(seen.code, code, kind)
    if (reason !== undefined) assert.equal(seen.reason, reason, kind)
  }
}
