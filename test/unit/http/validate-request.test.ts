import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'

import { GoWebError, type InputIssue } from '../../../src/errors/goweb-error.ts'
import { BodyReader, DEFAULT_BODY_LIMITS } from '../../../src/http/body-reader.ts'
import { jsonPointer } from '../../../src/http/input-issues.ts'
import { RequestHeaders } from '../../../src/http/request-headers.ts'
import {
  validateRequest,
  type RequestParts,
  type RouteSchemas,
  type ValidatedParts,
} from '../../../src/http/validate-request.ts'
import type { StandardSchema } from '../../../src/internal/standard-schema.ts'
import { postOf } from './body-of.ts'
import { hasCode } from './has-code.ts'

interface Given {
  readonly params?: Record<string, string>
  readonly search?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

function partsOf({ params = {}, search = '', headers = {}, body }: Given): RequestParts {
  const request = postOf(body === undefined ? null : new TextEncoder().encode(body), headers)
  return {
    params,
    search,
    headers: new RequestHeaders(request),
    header: (name) => request.header(name),
    body: new BodyReader(request, DEFAULT_BODY_LIMITS),
  }
}

/** For what is expected to be synchronous. */
function validate(schemas: RouteSchemas, given: Given): ValidatedParts {
  const outputs = validateRequest(schemas, partsOf(given))
  assert.ok(!(outputs instanceof Promise), 'validation was expected to be synchronous')
  return outputs
}

async function issuesOf(schemas: RouteSchemas, given: Given): Promise<readonly InputIssue[]> {
  try {
    await validateRequest(schemas, partsOf(given))
  } catch (error) {
    assert.ok(error instanceof GoWebError && error.code === 'VALIDATION_FAILED', String(error))
    return error.issues ?? []
  }
  throw new assert.AssertionError({ message: 'validation was expected to fail' })
}

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

describe('validateRequest', () => {
  test('gives the output of each schema, synchronously without a body', () => {
    const schemas = {
      params: z.object({ id: z.coerce.number() }),
      query: z.object({ q: z.string().trim() }),
      headers: z.object({ 'x-a': z.string() }),
    }
    assert.deepEqual(validate(schemas, { params: { id: '7' }, search: 'q=+x+', headers: { 'x-a': '1' } }), {
      params: { id: 7 },
      query: { q: 'x' },
      headers: { 'x-a': '1' },
    })
    assert.deepEqual(validate({}, { search: 'a=1' }), {})
  })

  test('gives the output of asynchronous schemas', async () => {
    const later = z.object({ q: z.string().refine(async (q) => Promise.resolve(q === 'x')) })
    const given = validateRequest({ query: later }, partsOf({ search: 'q=x' }))
    assert.ok(given instanceof Promise)
    assert.deepEqual(await given, { query: { q: 'x' } })
    assert.deepEqual(
      (await issuesOf({ query: later }, { search: 'q=y' })).map(({ pointer }) => pointer),
      ['/q'],
    )
  })

  test('tells everything that is wrong with every part, at once', async () => {
    const schemas = {
      params: z.object({ id: z.uuid() }),
      query: z.object({ page: z.number() }),
      headers: z.object({ 'x-a': z.string() }),
      body: z.object({ name: z.string(), tags: z.array(z.string()) }),
    }
    const given = {
      params: { id: 'x' },
      search: 'page=y',
      headers: JSON_TYPE,
      body: '{"name":1,"tags":["a",2]}',
    }
    const issues = await issuesOf(schemas, given)
    assert.deepEqual(
      issues.map((issue) => [issue.in, issue.pointer]),
      [
        ['params', '/id'],
        ['query', '/page'],
        ['headers', '/x-a'],
        ['body', '/name'],
        ['body', '/tags/1'],
      ],
    )
    assert.ok(issues.every(({ detail }) => detail.length > 0))
  })

  test('answers 422', async () => {
    await assert.rejects(
      async () => validateRequest({ query: z.object({ a: z.string() }) }, partsOf({})),
      (error) => {
        hasCode('VALIDATION_FAILED', /^One value/)(error)
        assert.equal((error as GoWebError).status, 422)
        return true
      },
    )
  })

  test('caps what it tells', async () => {
    const body = JSON.stringify(Array.from({ length: 1_000 }, () => 1))
    assert.equal((await issuesOf({ body: z.array(z.string()) }, { headers: JSON_TYPE, body })).length, 100)
    const long: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: () => ({ issues: [{ message: 'x'.repeat(10_000) }] }),
      },
    }
    assert.equal((await issuesOf({ query: long }, {}))[0]?.detail.length, 500)
  })

  test('passes on what schemas throw, and leaves no rejection unheard', async () => {
    const throwing: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate() {
          throw new Error('schema is broken')
        },
      },
    }
    const rejecting: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: () => Promise.reject(new Error('schema is broken, later')),
      },
    }
    assert.throws(() => validateRequest({ params: throwing }, partsOf({})), /schema is broken/)
    await assert.rejects(
      async () => validateRequest({ params: rejecting, query: throwing, body: rejecting }, partsOf({})),
      /schema is broken/,
    )
    await assert.rejects(
      async () =>
        validateRequest({ params: rejecting, query: z.object({}) }, partsOf({ search: 'a&'.repeat(2_000) })),
      /schema is broken|1000 fields/,
    )
    await new Promise(setImmediate)
  })
})

describe('validateRequest of a body', () => {
  const body = z.object({ a: z.number() })

  test('takes JSON and urlencoded forms', async () => {
    assert.deepEqual(await validateRequest({ body }, partsOf({ headers: JSON_TYPE, body: '{"a":1}' })), {
      body: { a: 1 },
    })
    assert.deepEqual(await validateRequest({ body }, partsOf({ headers: FORM_TYPE, body: 'a=1' })), {
      body: { a: 1 },
    })
  })

  test('converts nothing in JSON', async () => {
    assert.deepEqual((await issuesOf({ body }, { headers: JSON_TYPE, body: '{"a":"1"}' }))[0]?.pointer, '/a')
  })

  test('tells a missing body as an issue, unless the schema takes it', async () => {
    for (const headers of [JSON_TYPE, FORM_TYPE, {}]) {
      const [issue, ...others] = await issuesOf({ body }, { headers })
      assert.deepEqual([issue?.in, issue?.pointer, others.length], ['body', '', 0])
    }
    assert.deepEqual(await validateRequest({ body: body.optional() }, partsOf({})), { body: undefined })
  })

  test('refuses other types and says what to send', async () => {
    for (const headers of [{ 'content-type': 'text/plain' }, {}]) {
      await assert.rejects(
        async () => validateRequest({ body }, partsOf({ headers, body: 'x' })),
        (error) => {
          hasCode('MEDIA_TYPE_UNSUPPORTED')(error)
          assert.match((error as GoWebError).headers?.['accept'] ?? '', /application\/json/)
          return true
        },
      )
    }
  })

  test('passes on what the reader throws', async () => {
    const invalid = async (text: string): Promise<ValidatedParts> =>
      validateRequest(
        { body, query: z.object({ q: z.string() }) },
        partsOf({ headers: JSON_TYPE, body: text }),
      )
    await assert.rejects(invalid('{"a":'), hasCode('JSON_INVALID'))
    await assert.rejects(invalid('{"__proto__":1}'), hasCode('JSON_KEY_FORBIDDEN'))
    await assert.rejects(invalid('['.repeat(100)), hasCode('JSON_TOO_DEEP'))
  })
})

/** The same schema in three vendors' words. */
const VENDORS: Record<string, { query: StandardSchema; list: StandardSchema; nullable: StandardSchema }> = {
  zod: {
    query: z.object({
      page: z.number().min(1),
      all: z.boolean(),
      tags: z.array(z.number()),
      since: z.date().optional(),
    }),
    list: z.object({ tags: z.array(z.string()) }),
    nullable: z.object({ a: z.number().nullable().optional(), b: z.union([z.number(), z.boolean()]) }),
  },
  valibot: {
    query: v.object({
      page: v.pipe(v.number(), v.minValue(1)),
      all: v.boolean(),
      tags: v.array(v.number()),
      since: v.optional(v.date()),
    }),
    list: v.object({ tags: v.array(v.string()) }),
    nullable: v.object({ a: v.optional(v.nullable(v.number())), b: v.union([v.number(), v.boolean()]) }),
  },
  arktype: {
    query: type({ page: 'number >= 1', all: 'boolean', tags: 'number[]', 'since?': 'Date' }),
    list: type({ tags: 'string[]' }),
    nullable: type({ 'a?': 'number | null', b: 'number | boolean' }),
  },
}

/** The output as an object with a prototype; arktype gives back the one it was given. */
function queryOf(query: StandardSchema, search: string): Record<string, unknown> {
  return { ...(validate({ query }, { search }).query as Record<string, unknown>) }
}

for (const [vendor, { query, list, nullable }] of Object.entries(VENDORS)) {
  describe(`conversion for ${vendor}`, () => {
    test('makes numbers, booleans, dates and lists of what the schema refused', () => {
      assert.deepEqual(queryOf(query, 'page=2&all=true&tags=1&tags=-2.5&since=2026-01-31'), {
        page: 2,
        all: true,
        tags: [1, -2.5],
        since: new Date('2026-01-31'),
      })
    })

    test('makes a list of a single value', () => {
      assert.deepEqual(queryOf(query, 'page=2&all=false&tags=7'), {
        page: 2,
        all: false,
        tags: [7],
      })
      assert.deepEqual(queryOf(list, 'tags=a'), { tags: ['a'] })
      assert.deepEqual(queryOf(list, 'tags=1&tags=2'), { tags: ['1', '2'] })
    })

    test('works for unions and what may be missing', () => {
      assert.deepEqual(queryOf(nullable, 'a=1&b=2'), { a: 1, b: 2 })
      assert.deepEqual(queryOf(nullable, 'b=true'), { b: true })
    })

    test('tells the issue of the converted value', async () => {
      const issues = await issuesOf({ query }, { search: 'page=0&all=true&tags=1' })
      assert.deepEqual(
        issues.map(({ pointer }) => pointer),
        ['/page'],
      )
      assert.match(issues[0]?.detail ?? '', /1/)
    })

    test('leaves alone what is not clean', async () => {
      for (const page of [
        '',
        ' 1',
        '1 ',
        '0x10',
        '1e999',
        'Infinity',
        'NaN',
        '1_000',
        '١',
        '--1',
        '9007199254740993',
      ]) {
        const search = new URLSearchParams({ page, all: 'true', tags: '1' }).toString()
        assert.deepEqual(
          (await issuesOf({ query }, { search })).map(({ pointer }) => pointer),
          ['/page'],
          page,
        )
      }
      for (const all of ['', '1', 'TRUE', 'yes']) {
        const search = new URLSearchParams({ page: '1', all, tags: '1' }).toString()
        assert.deepEqual(
          (await issuesOf({ query }, { search })).map(({ pointer }) => pointer),
          ['/all'],
          all,
        )
      }
    })
  })
}

describe('conversion', () => {
  test('never touches what the schema takes as it is', () => {
    const query = z.object({ a: z.string(), b: z.string().or(z.number()), c: z.number() })
    assert.deepEqual(validate({ query }, { search: 'a=1&b=2&c=3' }).query, { a: '1', b: '2', c: 3 })
  })

  test('knows literals and enums of numbers, and BigInt', () => {
    const query = z.object({ a: z.literal(1), b: z.literal([1, 2]), c: z.bigint(), d: z.literal(true) })
    assert.deepEqual(validate({ query }, { search: 'a=1&b=2&c=12345678901234567890&d=true' }).query, {
      a: 1,
      b: 2,
      c: 12_345_678_901_234_567_890n,
      d: true,
    })
    assert.deepEqual(
      validate({ query: v.object({ a: v.literal(1), b: v.picklist([1, 2]) }) }, { search: 'a=1&b=2' }).query,
      { a: 1, b: 2 },
    )
  })

  test('works for params, headers and asynchronous schemas', async () => {
    const one = z.object({ id: z.int() })
    assert.deepEqual(validate({ params: one }, { params: { id: '5' } }).params, { id: 5 })
    assert.deepEqual(
      validate({ headers: z.object({ 'x-id': z.int() }) }, { headers: { 'x-id': '5' } }).headers,
      { 'x-id': 5 },
    )
    const later = one.refine(async () => Promise.resolve(true))
    assert.deepEqual(await validateRequest({ query: later }, partsOf({ search: 'id=5' })), {
      query: { id: 5 },
    })
  })

  test('works under schemas that pass unknown names on, and refuse them', async () => {
    assert.deepEqual(
      { ...(validate({ query: z.looseObject({ a: z.number() }) }, { search: 'a=1&b=2' }).query as object) },
      { a: 1, b: '2' },
    )
    assert.deepEqual(
      (await issuesOf({ query: z.strictObject({ a: z.number() }) }, { search: 'a=1&b=2' })).map(
        ({ pointer }) => pointer,
      ),
      [''],
    )
  })

  test('is safe with names of a prototype', async () => {
    const query = z.object({ constructor: z.number() })
    assert.deepEqual((await issuesOf({ query }, { search: '' })).length, 1)
    assert.deepEqual(Object.entries(validate({ query }, { search: 'constructor=1' }).query as object), [
      ['constructor', 1],
    ])
  })

  test('does not need `expected`: then the schema converts, or the issue stands', async () => {
    const own: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate: () => ({ issues: [{ message: 'no', path: ['a', { key: 'b/~' }] }] }),
      },
    }
    assert.deepEqual(await issuesOf({ query: own }, { search: 'a=1' }), [
      { in: 'query', pointer: '/a/b~1~0', detail: 'no' },
    ])
  })

  test('ends with schemas that are never content', async () => {
    let calls = 0
    const never: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate() {
          calls++
          return {
            issues: [
              { message: 'no', path: ['a'], expected: 'array' } as { message: string; path: string[] },
            ],
          }
        },
      },
    }
    await issuesOf({ query: never }, { search: 'a=1' })
    assert.ok(calls <= 4)
  })
})

test('jsonPointer escapes as RFC 6901 says', () => {
  assert.equal(jsonPointer([]), '')
  assert.equal(jsonPointer(['a', 0, '', '~/', Symbol('s')]), '/a/0//~0~1/Symbol(s)')
})
