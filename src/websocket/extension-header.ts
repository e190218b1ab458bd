import { GoWebError } from '../errors/goweb-error.ts'

/** One element of Sec-WebSocket-Extensions. */
export interface ExtensionOffer {
  /** As it was written. */
  readonly name: string
  /** In their order, repeated ones included; undefined for a parameter without a value. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[]
}

// A token, and a value that is a token or a quoted string (RFC 6455 section 9.1, RFC 9110 section 5.6).
const PART =
  /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\]|\\[^])*)"))?[ \t]*/y
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// Empty elements of a list count for nothing (RFC 9110 section 5.6.1).
const NOTHING = /[ \t,]*/y
// Far more than any client sends; bounds the work on a header that is only bounded by the server's header limit.
const MAX_PARTS = 128

/**
 * Parses Sec-WebSocket-Extensions (RFC 6455 section 9.1).
 *
 * @param header its value, several lines joined by `, `; undefined when there is none.
 * @returns the offers in the client's order of preference.
 * @throws `HANDSHAKE_EXTENSIONS_INVALID` for what is no list of extensions, or has more than 128 names.
 */
export function parseExtensions(header: string | undefined): readonly ExtensionOffer[] {
  if (header === undefined) return []
  const offers: ExtensionOffer[] = []
  let parts = 0
  const readPart = (at: number): RegExpExecArray => {
    PART.lastIndex = at
    const part = PART.exec(header)
    if (part === null) throw malformed(`expected a token at position ${at}`)
    if (++parts > MAX_PARTS) throw malformed(`more than ${MAX_PARTS} names`)
    return part
  }
  for (let at = endOfNothing(header, 0); at < header.length; at = endOfNothing(header, at)) {
    const [whole, name = ''] = readPart(at)
    if (whole.includes('=')) throw malformed(`the extension ${name} has a value, which only parameters have`)
    at += whole.length
    const parameters: [string, string | undefined][] = []
    while (header[at] === ';') {
      const part = readPart(at + 1)
      parameters.push([part[1] ?? '', valueOf(part)])
      at += 1 + part[0].length
    }
    if (at < header.length && header[at] !== ',') throw malformed(`unexpected character at position ${at}`)
    offers.push({ name, parameters })
  }
  return offers
}

function endOfNothing(header: string, at: number): number {
  NOTHING.lastIndex = at
  return at + (NOTHING.exec(header)?.[0].length ?? 0)
}

function valueOf([, name, token, quoted]: RegExpExecArray): string | undefined {
  if (quoted === undefined) return token
  const value = quoted.replaceAll(/\\([^])/g, '$1')
  if (!TOKEN.test(value)) throw malformed(`the quoted value of ${name} must be a token`)
  return value
}

function malformed(what: string): GoWebError {
  return new GoWebError(
    'HANDSHAKE_EXTENSIONS_INVALID',
    `Sec-WebSocket-Extensions must be a list of extensions (RFC 6455 section 9.1): ${what}`,
  )
}
