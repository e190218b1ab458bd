import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { FetchRequest } from '../../../src/http/fetch-request.ts'
import { toFetchRequest } from '../../../src/http/to-fetch-request.ts'
import { postOf, streamOf } from './body-of.ts'
import { hasCode } from './has-code.ts'

describe('FetchRequest', () => {
  test('takes the URL apart as a server would have received it', () => {
    const cases: [url: string, host: string, path: string, search: string][] = [
      ['http://localhost', 'localhost', '/', ''],
      ['http://localhost/', 'localhost', '/', ''],
      ['http://localhost:8080/a/b?x=1&y', 'localhost:8080', '/a/b', 'x=1&y'],
      ['http://localhost?x=1', 'localhost', '/', 'x=1'],
      ['http://localhost/a?', 'localhost', '/a', ''],
      ['http://localhost/a??x', 'localhost', '/a', '?x'],
      ['http://localhost/a#b?c/d', 'localhost', '/a', ''],
      ['http://localhost/a?b#c?d', 'localhost', '/a', 'b'],
      ['http://localhost//a//b', 'localhost', '//a//b', ''],
      ['http://localhost/%2e%2F%00é', 'localhost', '/%2e%2F%00%C3%A9', ''],
      ['http://[::1]:80/a', '[::1]', '/a', ''],
      ['http://localhost/a@b', 'localhost', '/a@b', ''],
      ['http://localhost/a?to=http://x/y', 'localhost', '/a', 'to=http://x/y'],
    ]
    for (const [url, host, path, search] of cases) {
      const request = new FetchRequest(new Request(url))
      assert.deepEqual(
        [request.scheme, request.host, request.path, request.search],
        ['http', host, path, search],
        url,
      )
    }
    assert.equal(new FetchRequest(new Request('https://localhost/')).scheme, 'https')
  })

  test('has the host as a header too, and the headers joined', () => {
    const headers = new Headers({ 'X-A': '1' })
    headers.append('x-a', '2')
    const request = new FetchRequest(new Request('http://localhost:81/', { headers }), { ip: '10.0.0.1' })
    assert.equal(request.header('host'), 'localhost:81')
    assert.equal(request.header('x-a'), '1, 2')
    assert.equal(request.header('x-b'), undefined)
    assert.deepEqual(
      [...request.headers()].toSorted(([a], [b]) => a.localeCompare(b)),
      [
        ['host', 'localhost:81'],
        ['x-a', '1, 2'],
      ],
    )
    assert.equal(request.ip, '10.0.0.1')
    assert.equal(new FetchRequest(new Request('http://localhost/')).ip, '')
  })

  test('has its method in upper case', () => {
    assert.equal(new FetchRequest(new Request('http://localhost/', { method: 'patch' })).method, 'PATCH')
  })

  test('tells an abort by its signal', () => {
    const controller = new AbortController()
    const request = new FetchRequest(new Request('http://localhost/', { signal: controller.signal }))
    assert.equal(request.signal.aborted, false)
    controller.abort()
    assert.equal(request.signal.aborted, true)
  })
})

describe('FetchRequest.bytes', () => {
  test('gives the whole body, put together from its chunks', async () => {
    assert.deepEqual(await postOf('abc').bytes(3), new TextEncoder().encode('abc'))
    assert.deepEqual(await postOf(streamOf(['a', '', 'bc']).stream).bytes(3), new TextEncoder().encode('abc'))
    assert.equal((await postOf(null).bytes(0)).byteLength, 0)
  })

  test('refuses by Content-Length before it reads', async () => {
    const { stream, pulled } = streamOf(['abcd'])
    await assert.rejects(postOf(stream, { 'content-length': '4' }).bytes(3), hasCode('BODY_TOO_LARGE'))
    assert.equal(pulled(), 0)
  })

  test('stops reading at the limit and cancels the source', async () => {
    const { stream, cancelled, pulled } = streamOf(['ab', 'cd', 'ef', 'gh'])
    await assert.rejects(postOf(stream).bytes(3), hasCode('BODY_TOO_LARGE', /3 bytes/))
    assert.equal(cancelled(), 1)
    assert.ok(pulled() <= 3)
  })

  test('reads once', async () => {
    const request = postOf('abc')
    await request.bytes(10)
    await assert.rejects(request.bytes(10), hasCode('BODY_ALREADY_READ'))
    assert.throws(() => request.stream(10), hasCode('BODY_ALREADY_READ'))
    const used = postOf('abc')
    await used.raw.text()
    await assert.rejects(used.bytes(10), hasCode('BODY_ALREADY_READ'))
  })

  test('names a source that fails as an aborted body', async () => {
    const cause = new Error('reset')
    const failing = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(cause)
      },
    })
    await assert.rejects(postOf(failing).bytes(10), (error) => {
      hasCode('BODY_ABORTED')(error)
      assert.equal((error as Error).cause, cause)
      return true
    })
  })
})

test('a body that is passed from one app to another keeps its first error', async () => {
  const outer = postOf(streamOf(['ab', 'cd']).stream)
  const inner = new FetchRequest(toFetchRequest(outer, new URL('http://localhost/'), 3))
  await assert.rejects(inner.bytes(100), hasCode('BODY_TOO_LARGE', /3 bytes/))
})

describe('FetchRequest.stream', () => {
  test('passes chunks on only as they are read', async () => {
    const { stream, pulled } = streamOf(['a', 'b', 'c'])
    const reader = postOf(stream).stream(10).getReader()
    assert.equal(new TextDecoder().decode((await reader.read()).value), 'a')
    assert.ok(pulled() <= 2)
    await reader.read()
    await reader.read()
    assert.equal((await reader.read()).done, true)
  })

  test('is empty without a body', async () => {
    assert.equal((await postOf(null).stream(0).getReader().read()).done, true)
  })

  test('fails beyond the limit and cancels the source', async () => {
    const { stream, cancelled } = streamOf(['ab', 'cd', 'ef'])
    const reader = postOf(stream).stream(3).getReader()
    await reader.read()
    await assert.rejects(reader.read(), hasCode('BODY_TOO_LARGE'))
    assert.equal(cancelled(), 1)
  })

  test('cancels the source when it is left', async () => {
    for (const reads of [0, 1]) {
      const { stream, cancelled } = streamOf(['ab', 'cd', 'ef'])
      const reader = postOf(stream).stream(30).getReader()
      for (let i = 0; i < reads; i++) await reader.read()
      await reader.cancel()
      assert.equal(cancelled(), 1)
    }
  })
})
