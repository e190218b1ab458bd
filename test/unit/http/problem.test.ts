import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { GoWebError } from '../../../src/errors/goweb-error.ts'
import { problemReply } from '../../../src/http/problem.ts'
import type { Reply } from '../../../src/http/reply.ts'

const INTERNAL = { type: 'urn:goweb:error:INTERNAL', title: 'Internal error', status: 500, code: 'INTERNAL' }

function problem(error: unknown): unknown {
  const reply = problemReply(error)
  assert.equal(reply.type, 'application/problem+json')
  assert.ok(typeof reply.body === 'string')
  const body = JSON.parse(reply.body) as { status: number }
  assert.equal(body.status, reply.status)
  return body
}

describe('problemReply', () => {
  test('tells a GoWebError below 500 with its message, issues and headers', () => {
    const issues = [{ in: 'body', pointer: '/a', detail: 'wrong' }]
    assert.deepEqual(problem(new GoWebError('VALIDATION_FAILED', 'Two values', { issues })), {
      type: 'urn:goweb:error:VALIDATION_FAILED',
      title: 'The request does not match its schema',
      status: 422,
      detail: 'Two values',
      code: 'VALIDATION_FAILED',
      errors: issues,
    })
    const reply = problemReply(new GoWebError('METHOD_NOT_ALLOWED', undefined, { headers: { allow: 'GET' } }))
    assert.equal(reply.status, 405)
    assert.equal(reply.headers.get('allow'), 'GET')
  })

  test('does not repeat the title as the detail', () => {
    assert.deepEqual(problem(new GoWebError('NOT_FOUND')), {
      type: 'urn:goweb:error:NOT_FOUND',
      title: 'Not found',
      status: 404,
      code: 'NOT_FOUND',
    })
  })

  test('tells of failures on the inside only that there was one', () => {
    const secrets = [
      new GoWebError('INTERNAL', 'secret'),
      new GoWebError('RESPONSE_INVALID', 'secret', {
        issues: [{ in: 'body', pointer: '/secret', detail: 'secret' }],
      }),
      new GoWebError('COOKIE_INVALID', 'secret', { cause: new Error('secret') }),
      new GoWebError('NOT_FOUND', 'secret', { status: 200 }),
      new GoWebError('NOT_FOUND', 'secret', { status: 999 }),
      new Error('secret'),
      Object.assign(new Error('secret'), { status: 404 }),
      Object.assign(new Error('secret'), { status: 404, expose: false }),
      Object.assign(new Error('secret'), { status: 500, expose: true }),
      Object.assign(new Error('secret'), { status: 302, expose: true }),
      Object.assign(new Error('secret'), { status: '404', expose: true }),
      { status: 404, expose: true, message: 'secret' },
      'secret',
      undefined,
      null,
      Symbol('secret'),
    ]
    for (const error of secrets) assert.deepEqual(problem(error), INTERNAL)
  })

  test('keeps code and headers of other statuses from 500 on, but no detail', () => {
    const error = new GoWebError('UNAVAILABLE', 'secret', { headers: { 'retry-after': '5' } })
    assert.deepEqual(problem(error), {
      type: 'urn:goweb:error:UNAVAILABLE',
      title: 'Unavailable',
      status: 503,
      code: 'UNAVAILABLE',
    })
    assert.equal(problemReply(error).headers.get('retry-after'), '5')
  })

  test('tells errors that other code made for clients', () => {
    const error = Object.assign(new Error('Try later'), {
      status: 429,
      expose: true,
      headers: { 'retry-after': 3 },
    })
    assert.deepEqual(problem(error), {
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: 'Try later',
    })
    assert.equal(problemReply(error).headers.get('retry-after'), '3')
    const old = Object.assign(new Error('Odd'), { statusCode: 499, expose: true })
    assert.deepEqual(problem(old), { type: 'about:blank', title: 'Client error', status: 499, detail: 'Odd' })
  })

  test('drops a header that cannot be sent, not the error', () => {
    const error = new GoWebError('FORBIDDEN', undefined, {
      headers: { 'x-a': 'a\r\nb', 'bad name': 'x', 'x-b': 'c' },
    })
    const reply: Reply = problemReply(error)
    assert.equal(reply.status, 403)
    assert.deepEqual([...reply.headers], [['x-b', 'c']])
  })

  test('survives errors that throw when they are looked at', () => {
    const hostile = new Proxy(new Error('x'), {
      get() {
        throw new Error('secret')
      },
      has() {
        throw new Error('secret')
      },
    })
    assert.deepEqual(problem(hostile), INTERNAL)
  })
})
