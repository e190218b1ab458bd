/** What a Content-Type header says, as far as reading a body needs it (RFC 9110 section 8.3). */
export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly essence: string
  /** The `charset` parameter in lower case, unquoted. */
  readonly charset: string | undefined
}

// RFC 9110 section 5.6.2 (token) on both sides of the slash.
const ESSENCE = /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+$/
// RFC 9110 section 5.6.6: a parameter may be missing between two semicolons.
const PARAMETER = /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)=("(?:[^"\\]|\\.)*"|[^;"]*))?/giy
const MAX_LENGTH = 1_024

/** Parses a Content-Type; undefined when it is malformed. */
export function parseMediaType(header: string): MediaType | undefined {
  if (header.length > MAX_LENGTH) return undefined
  const semicolon = header.indexOf(';')
  const essence = (semicolon === -1 ? header : header.slice(0, semicolon)).trim().toLowerCase()
  if (!ESSENCE.test(essence)) return undefined
  return { essence, charset: semicolon === -1 ? undefined : charsetOf(header, semicolon) }
}

/** Tells whether a media type is JSON: `application/json` or any with the suffix `+json` (RFC 6839 section 3.1). */
export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence.endsWith('+json')
}

function charsetOf(header: string, from: number): string | undefined {
  PARAMETER.lastIndex = from
  for (let match = PARAMETER.exec(header); match !== null; match = PARAMETER.exec(header)) {
    if (match[1]?.toLowerCase() !== 'charset') continue
    const value = match[2]?.trim() ?? ''
    const unquoted = value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
    return unquoted.toLowerCase()
  }
  return undefined
}
