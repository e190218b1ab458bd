import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { escapeHtml, html, Html, rawHtml, type HtmlValue } from '../../../src/http/html.ts'
import { hasCode } from './has-code.ts'

/** Under another name, so that the formatter leaves the templates alone. */
const tag = html

describe('html', () => {
  test('escapes every value', () => {
    const text = `<script>alert("x" + 'y' + \`z\`) & more</script>`
    assert.equal(
      String(tag`<p>${text}</p>`),
      '<p>&lt;script&gt;alert(&quot;x&quot; + &#39;y&#39; + &#96;z&#96;) &amp; more&lt;/script&gt;</p>',
    )
    assert.equal(String(tag`<a title="${'" onclick="x'}">`), '<a title="&quot; onclick=&quot;x">')
    assert.equal(String(tag`${'&lt;'}`), '&amp;lt;')
  })

  test('leaves Html as it is, nested and in lists', () => {
    const names = ['a', '<b>']
    const list = tag`<ul>${names.map((name) => tag`<li>${name}</li>`)}</ul>`
    assert.equal(String(list), '<ul><li>a</li><li>&lt;b&gt;</li></ul>')
    assert.equal(String(tag`${tag`<i>${'<'}</i>`}${rawHtml('<hr>')}`), '<i>&lt;</i><hr>')
    assert.equal(String(tag`${['<', ['>', tag`<br>`]]}`), '&lt;&gt;<br>')
  })

  test('shows numbers and nothing for null, undefined and false', () => {
    assert.equal(String(tag`${0}|${-1.5}|${10n}|${true}`), '0|-1.5|10|true')
    assert.equal(String(tag`(${null}${undefined}${false}${''}${[]})`), '()')
  })

  test('shows objects that have a text of their own, escaped', () => {
    const url = new URL('http://localhost/?a=1&b="')
    assert.equal(String(tag`${url as unknown as HtmlValue}`), 'http://localhost/?a=1&amp;b=%22')
    const tricky = { toString: () => '<b>' } as unknown as HtmlValue
    assert.equal(String(tag`${tricky}`), '&lt;b&gt;')
  })

  test('refuses what has no text', () => {
    for (const value of [() => 1, Symbol('x'), {}, Promise.resolve('x'), new Map()]) {
      assert.throws(() => tag`${value as unknown as HtmlValue}`, hasCode('HTML_VALUE_INVALID'))
    }
  })

  test('takes the template as it is written', () => {
    assert.equal(String(tag`a <b> `), 'a <b> ')
  })
})

test('an object that pretends to be Html is not taken for it', () => {
  const forged = JSON.parse('{"text":"<b>"}') as object
  Object.setPrototypeOf(forged, Html.prototype)
  assert.throws(() => String(tag`${forged as Html}`), TypeError)
})

test('Html is its text in JSON', () => {
  assert.equal(JSON.stringify({ a: tag`<b>` }), '{"a":"<b>"}')
})

test('escapeHtml gives back what needs no escaping', () => {
  assert.equal(escapeHtml('plain é 😀'), 'plain é 😀')
  assert.equal(escapeHtml('<<>>'), '&lt;&lt;&gt;&gt;')
})
