import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { GoWebError } from '../../src/errors/goweb-error.ts'
import { HostPattern } from '../../src/router/host-pattern.ts'
import { parsePattern } from '../../src/router/pattern.ts'
import { LinearRegExp } from '../../src/router/regexp/linear-regexp.ts'
import { Router } from '../../src/router/router.ts'
import { fuzzOptions } from './fuzz-options.ts'

const PIECES = [
  '/',
  '{',
  '}',
  '{a}',
  '{b',
  ':',
  '...',
  '{rest...}',
  '{n:[0-9]{2}}',
  '{__proto__}',
  '*',
  '.',
  '..',
  '%',
  '%2F',
  '%c3%a9',
  '%C3',
  '%00',
  '\0',
  '\\',
  '?',
  '#',
  '[',
  ']',
  '(',
  ')',
  '|',
  '+',
  '^',
  '$',
  '(?=',
  '\\1',
  '{1,999}',
  '{9}',
  'é',
  '\uD800',
  '😀',
]
const garbage = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 })), {
      maxLength: 12,
    })
    .map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

/** Runs something that may refuse its input, but only by this code. */
function refusesWith(code: string, run: () => unknown): void {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof GoWebError, String(error))
    assert.equal(error.code, code)
  }
}

test('a pattern is parsed or refused, whatever it is', () => {
  fc.assert(
    fc.property(garbage, (text) => {
      refusesWith('PATTERN_INVALID', () => parsePattern(text))
      refusesWith('PATTERN_INVALID', () => parsePattern(`/${text}`))
      refusesWith('PATTERN_INVALID', () => parsePattern(`/{a:${text}}`))
      refusesWith('PATTERN_INVALID', () => new HostPattern(text))
    }),
    fuzzOptions(3_000),
  )
})

test('a path is answered, whatever it is', () => {
  const router = new Router<string>({ trailingSlash: 'redirect' })
  for (const pattern of ['/', '/{a}', '/{a}-{b}', '/x/{n:[0-9]+}-{m}/{rest...}', '/%25/{a}', '/é']) {
    router.add({ method: 'GET', pattern, value: pattern })
  }
  const facts = { host: '', scheme: 'http', header: () => undefined, query: () => undefined }
  fc.assert(
    fc.property(garbage, (text) => {
      for (const path of [text, `/${text}`, `/x/12-${text}`]) {
        const result = router.find('GET', path, facts)
        if (result.kind === 'redirect') assert.match(result.location, /^\/(?!\/)[\x21-\x7E]*$/)
        if (result.kind === 'match') {
          for (const value of Object.values(result.params)) assert.ok(!value.includes('\0'))
        }
      }
    }),
    fuzzOptions(3_000),
  )
})

const ATOMS = [
  'a',
  'b',
  '.',
  '[ab]',
  '[^a]',
  '[a-c-]',
  '\\d',
  '\\W',
  '\\s',
  '\\S',
  '\\p{L}',
  'é',
  '😀',
  '[^😀]',
  '\\.',
  '[\\]\\-]',
  '\\x61',
  '\\u{1F600}',
]
const QUANTIFIERS = ['', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '{0}']
const { regexp } = fc.letrec<{ regexp: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 1, withCrossShrink: true },
    fc.constantFrom(...ATOMS),
    tie('regexp').map((inner) => `(?:${inner})`),
    tie('regexp').map((inner) => `(${inner})`),
  ),
  regexp: fc
    .array(fc.array(fc.tuple(tie('atom'), fc.constantFrom(...QUANTIFIERS)), { maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((options) => options.map((items) => items.map((item) => item.join('')).join('')).join('|')),
}))
const sample = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', '1', ' ', '-', ']', '.', 'é', '😀', '\n', '_', '\u2028'), {
    maxLength: 8,
  })
  .map((characters) => characters.join(''))

test('a regular expression accepts what the engine accepts', () => {
  fc.assert(
    fc.property(regexp, fc.array(sample, { minLength: 5, maxLength: 5 }), (source, values) => {
      const engine = new RegExp(`^(?:${source})$`, 'u')
      let ours: LinearRegExp | null = null
      refusesWith('BAD_REQUEST', () => {
        ours = new LinearRegExp(source, (_offset, problem): never => {
          assert.match(problem, /too complex|matches no value/)
          throw new GoWebError('BAD_REQUEST', problem)
        })
      })
      const accepted = ours as LinearRegExp | null
      if (accepted === null) return
      for (const value of values) {
        assert.equal(
          accepted.accepts(value, 0, value.length),
          engine.test(value),
          JSON.stringify([source, value]),
        )
      }
    }),
    fuzzOptions(1_000),
  )
})

test('a regular expression is refused where the engine refuses it', () => {
  fc.assert(
    fc.property(garbage, (source) => {
      let isValid = true
      try {
        void new RegExp(source, 'u')
      } catch {
        isValid = false
      }
      if (isValid || source.includes('\\-')) return
      assert.throws(() => {
        void new LinearRegExp(source, (_offset, problem): never => {
          throw new GoWebError('PATTERN_INVALID', problem)
        })
      }, GoWebError)
    }),
    fuzzOptions(5_000),
  )
})
