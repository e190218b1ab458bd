import { GoWebError } from '../errors/goweb-error.ts'

/** What an `html` template can show; lists are joined, `null`, `undefined` and `false` show nothing. */
export type HtmlValue = Html | string | number | bigint | boolean | null | undefined | readonly HtmlValue[]

/** HTML that is safe to send: made by the `html` template, which escapes, or vouched for with `rawHtml`. */
export class Html {
  readonly #text: string

  /** Use `html` or `rawHtml`; the text is taken as it is. */
  constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }

  toJSON(): string {
    return this.#text
  }
}

/**
 * Makes HTML from a template; every value is escaped unless it is `Html` itself.
 *
 * Safe between tags and in quoted attributes; so always quote: `<a title="${title}">`. Nothing can make values safe inside
 * `<script>`, `<style>`, `on…` attributes and unquoted attributes, and a `javascript:` URL in `href` stays one: check
 * such values yourself. Lists are joined without commas; `null`, `undefined` and `false` show nothing.
 *
 * @throws `HTML_VALUE_INVALID` for functions, symbols, promises and objects without a text of their own.
 * @example
 * html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0] ?? ''
  for (let i = 0; i < values.length; i++) text += show(values[i]) + (strings[i + 1] ?? '')
  return new Html(text)
}

/**
 * Vouches for a text that is HTML already; never give it what a user wrote.
 *
 * @example
 * html`<article>${rawHtml(markdown.render(post.text))}</article>`
 */
export function rawHtml(trusted: string): Html {
  return new Html(trusted)
}

/** Escapes a text for HTML, between tags and in attributes in either kind of quotes. */
export function escapeHtml(text: string): string {
  return SPECIAL.test(text)
    ? text.replaceAll(EACH_SPECIAL, (character) => ENTITIES[character] ?? character)
    : text
}

const SPECIAL = /[&<>"'`]/
const EACH_SPECIAL = /[&<>"'`]/g
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Old browsers took it for a quote in attributes.
  '`': '&#96;',
}

function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return escapeHtml(value)
    case 'number':
    case 'bigint':
      return String(value)
    case 'boolean':
      return value ? 'true' : ''
    case 'undefined':
      return ''
    case 'object':
      if (value === null) return ''
      if (value instanceof Html) return value.toString()
      if (Array.isArray(value)) return value.map(show).join('')
      return escapeHtml(textOf(value))
    default:
      throw new GoWebError('HTML_VALUE_INVALID', `An html template cannot show a ${typeof value}`)
  }
}

/** Dates, URLs and the like have a text of their own; `[object …]` is nobody's intention. */
function textOf(value: object): string {
  // oxlint-disable-next-line typescript/no-base-to-string -- the next line refuses that very text
  const text = String(value)
  if (text.startsWith('[object ')) {
    throw new GoWebError(
      'HTML_VALUE_INVALID',
      `An html template cannot show an object that is ${text}; show one of its fields, and await promises`,
    )
  }
  return text
}
