import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { bodyOf, streamOf } from './body-of.ts'
import { hasCode } from './has-code.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const INVALID_UTF8 = Uint8Array.of(0x22, 0xc3, 0x28, 0x22)

describe('BodyReader.json', () => {
  test('parses application/json and any type with +json, whatever its parameters', async () => {
    for (const type of [
      'application/json',
      'Application/JSON',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'application/merge-patch+json',
      'application/vnd.api+json; ext=x; charset=utf8',
    ]) {
      assert.deepEqual(
        await bodyOf('{"a":[1,null]}', { 'content-type': type }).json(),
        { a: [1, null] },
        type,
      )
    }
  })

  test('refuses other types, malformed ones, and none, with 415', async () => {
    for (const type of [
      'text/plain',
      'text/json',
      'application/jsonp',
      'json',
      'application/',
      '/json',
      'a b/json',
      '',
    ]) {
      await assert.rejects(
        bodyOf('{}', { 'content-type': type }).json(),
        hasCode('MEDIA_TYPE_UNSUPPORTED', /application\/json/),
        type,
      )
    }
    await assert.rejects(
      bodyOf(Uint8Array.of(0x7b, 0x7d)).json(),
      hasCode('MEDIA_TYPE_UNSUPPORTED', /without a valid Content-Type/),
    )
  })

  test('names the multipart middleware when a form came as multipart', async () => {
    const type = { 'content-type': 'multipart/form-data; boundary=x' }
    await assert.rejects(bodyOf('', type).form(), hasCode('MEDIA_TYPE_UNSUPPORTED', /multipart/))
  })

  test('refuses other charsets, also for text', async () => {
    for (const type of [
      'application/json; charset=latin1',
      'application/json; charset=utf-16',
      'application/json; charset=""',
    ]) {
      await assert.rejects(
        bodyOf('{}', { 'content-type': type }).json(),
        hasCode('MEDIA_TYPE_UNSUPPORTED', /charset/),
      )
      await assert.rejects(
        bodyOf('{}', { 'content-type': type }).text(),
        hasCode('MEDIA_TYPE_UNSUPPORTED', /charset/),
      )
    }
  })

  test('refuses compressed bodies and says what to send', async () => {
    for (const encoding of ['gzip', 'br', 'identity, gzip']) {
      await assert.rejects(bodyOf('{}', { ...JSON_TYPE, 'content-encoding': encoding }).json(), (error) => {
        hasCode('CONTENT_ENCODING_UNSUPPORTED')(error)
        assert.deepEqual((error as { headers?: unknown }).headers, { 'accept-encoding': 'identity' })
        return true
      })
    }
    assert.deepEqual(await bodyOf('{}', { ...JSON_TYPE, 'content-encoding': 'Identity' }).json(), {})
    assert.deepEqual(
      await bodyOf('xx', { 'content-encoding': 'gzip' }).bytes(),
      new TextEncoder().encode('xx'),
    )
  })

  test('refuses invalid UTF-8 and drops a byte order mark', async () => {
    await assert.rejects(bodyOf(INVALID_UTF8, JSON_TYPE).json(), hasCode('BODY_NOT_UTF8'))
    await assert.rejects(bodyOf(INVALID_UTF8).text(), hasCode('BODY_NOT_UTF8'))
    await assert.rejects(bodyOf(INVALID_UTF8, FORM_TYPE).form(), hasCode('BODY_NOT_UTF8'))
    assert.deepEqual(await bodyOf('\ufeff[1]', JSON_TYPE).json(), [1])
  })

  test('holds the limit of depth', async () => {
    assert.deepEqual(await bodyOf('[[[]]]', JSON_TYPE, { jsonDepth: 3 }).json(), [[[]]])
    await assert.rejects(
      bodyOf('[[[[]]]]', JSON_TYPE, { jsonDepth: 3 }).json(),
      hasCode('JSON_TOO_DEEP', /3 levels/),
    )
    const deep = '['.repeat(500_000) + ']'.repeat(500_000)
    await assert.rejects(bodyOf(deep, JSON_TYPE).json(), hasCode('JSON_TOO_DEEP'))
  })

  test('refuses an empty body and names the position of an error without its content', async () => {
    await assert.rejects(bodyOf('', JSON_TYPE).json(), hasCode('JSON_INVALID', /empty/))
    await assert.rejects(bodyOf('{"a": secret}', JSON_TYPE).json(), (error) => {
      hasCode('JSON_INVALID', /position 6 \(line 1, column 7\)/)(error)
      assert.doesNotMatch(String(error), /secret/)
      assert.equal((error as Error).cause, undefined)
      return true
    })
  })

  test('refuses keys that change prototypes', async () => {
    await assert.rejects(
      bodyOf('{"__proto__":{"isAdmin":true}}', JSON_TYPE).json(),
      hasCode('JSON_KEY_FORBIDDEN'),
    )
    assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined)
  })
})

describe('BodyReader.form', () => {
  test('parses an urlencoded form', async () => {
    const form = await bodyOf('a=1&b=%C3%A9+x&a=2&', FORM_TYPE).form()
    assert.deepEqual(
      [...form],
      [
        ['a', '1'],
        ['b', 'é x'],
        ['a', '2'],
      ],
    )
    assert.deepEqual([...(await bodyOf('?a=1', FORM_TYPE).form())], [['?a', '1']])
    assert.deepEqual([...(await bodyOf('', FORM_TYPE).form())], [])
  })

  test('refuses other types', async () => {
    await assert.rejects(bodyOf('a=1', JSON_TYPE).form(), hasCode('MEDIA_TYPE_UNSUPPORTED'))
  })

  test('holds the limit of fields', async () => {
    assert.equal((await bodyOf('a&b&c', FORM_TYPE, { formFields: 3 }).form()).size, 3)
    await assert.rejects(
      bodyOf('a&b&c&d', FORM_TYPE, { formFields: 3 }).form(),
      hasCode('FORM_TOO_LARGE', /3 fields/),
    )
  })
})

describe('BodyReader', () => {
  test('reads one body in several ways, one after the other or at once', async () => {
    const body = bodyOf('{"a":1}', JSON_TYPE)
    assert.deepEqual(await body.json(), { a: 1 })
    assert.equal(await body.text(), '{"a":1}')
    assert.deepEqual(await body.json(), { a: 1 })
    assert.equal((await body.bytes()).byteLength, 7)
    const [json, text] = await Promise.all([body.json(), body.text()])
    assert.deepEqual([json, text], [{ a: 1 }, '{"a":1}'])
  })

  test('gives text of any type and of none', async () => {
    assert.equal(await bodyOf('é', { 'content-type': 'text/x-anything' }).text(), 'é')
    assert.equal(await bodyOf(new TextEncoder().encode('é')).text(), 'é')
    assert.equal(await bodyOf(null).text(), '')
    assert.equal((await bodyOf(null).bytes()).byteLength, 0)
  })

  test('holds the limit of bytes, exactly', async () => {
    assert.equal(await bodyOf('12345', {}, { bodyLimitBytes: 5 }).text(), '12345')
    await assert.rejects(
      bodyOf('123456', {}, { bodyLimitBytes: 5 }).text(),
      hasCode('BODY_TOO_LARGE', /5 bytes/),
    )
  })

  test('streams once, and not after reading', async () => {
    const streamed = bodyOf(streamOf(['a', 'b']).stream)
    assert.equal(await new Response(streamed.stream()).text(), 'ab')
    assert.throws(() => streamed.stream(), hasCode('BODY_ALREADY_READ'))
    await assert.rejects(streamed.bytes(), hasCode('BODY_ALREADY_READ'))
    const read = bodyOf('a')
    await read.text()
    assert.throws(() => read.stream(), hasCode('BODY_ALREADY_READ'))
  })
})
