import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { FetchRequest } from '../../../src/http/fetch-request.ts'
import type { IncomingRequest } from '../../../src/http/incoming-request.ts'
import { toFetchRequest } from '../../../src/http/to-fetch-request.ts'
import { postOf, streamOf } from './body-of.ts'
import { hasCode } from './has-code.ts'

const URL_ = new URL('http://localhost/a?b=1')

describe('toFetchRequest', () => {
  test('carries method, URL, headers and body', async () => {
    const request = toFetchRequest(postOf('abc', { 'x-a': '1' }), URL_, 10)
    assert.equal(request.method, 'POST')
    assert.equal(request.url, 'http://localhost/a?b=1')
    assert.equal(request.headers.get('x-a'), '1')
    assert.equal(await request.text(), 'abc')
  })

  test('leaves the body to others until it is read', async () => {
    const source = postOf('abc')
    toFetchRequest(source, URL_, 10)
    assert.equal((await source.bytes(10)).byteLength, 3)
  })

  test('holds the limit', async () => {
    await assert.rejects(toFetchRequest(postOf('abcd'), URL_, 3).arrayBuffer())
  })

  test('has no body for GET and HEAD, nor where its length is 0', () => {
    for (const method of ['GET', 'HEAD']) {
      assert.equal(toFetchRequest(new FetchRequest(new Request(URL_, { method })), URL_, 10).body, null)
    }
    assert.equal(toFetchRequest(postOf(null, { 'content-length': '0' }), URL_, 10).body, null)
  })

  test('is aborted with the request', () => {
    const controller = new AbortController()
    const source = new FetchRequest(new Request(URL_, { signal: controller.signal }))
    const request = toFetchRequest(source, URL_, 10)
    controller.abort()
    assert.equal(request.signal.aborted, true)
  })

  test('cancels the source when its reader leaves', async () => {
    const { stream, cancelled } = streamOf(['a', 'b', 'c'])
    const reader = toFetchRequest(postOf(stream), URL_, 10).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    assert.equal(cancelled(), 1)
  })

  test('leaves HTTP/2 pseudo-headers out, and refuses methods that a Request cannot have', () => {
    const source: IncomingRequest = new FetchRequest(new Request(URL_))
    const pseudo: IncomingRequest = Object.create(source, {
      method: { value: 'GET' },
      signal: { value: source.signal },
      header: { value: () => undefined },
      headers: {
        value: () => [
          [':path', '/'],
          ['x-a', '1'],
        ],
      },
    }) as IncomingRequest
    assert.deepEqual([...toFetchRequest(pseudo, URL_, 10).headers], [['x-a', '1']])
    for (const method of ['TRACE', 'CONNECT', 'TRACK']) {
      const forbidden = Object.create(pseudo, { method: { value: method } }) as IncomingRequest
      assert.throws(() => toFetchRequest(forbidden, URL_, 10), hasCode('BAD_REQUEST', new RegExp(method)))
    }
  })
})
