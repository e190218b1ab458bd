import { show, type OptionReader } from '../options/option-reader.ts'

/** What the Strict-Transport-Security header says (RFC 6797 section 6.1). */
export interface TransportSecurity {
  /** How long browsers use https only, in seconds. Default: 31,536,000, one year; 0 makes them forget. */
  readonly maxAgeSeconds?: number
  /** Default: true. */
  readonly includeSubDomains?: boolean
  /** Consent to the preload list of browsers; needs at least a year and the subdomains. Default: false. */
  readonly preload?: boolean
}

const OPTION = 'strictTransportSecurity'
const KNOWN = ['maxAgeSeconds', 'includeSubDomains', 'preload']
const ONE_YEAR_SECONDS = 31_536_000

/** Makes the text of the header; undefined when it is turned off. */
export function compileTransportSecurity(read: OptionReader): string | undefined {
  const option = read.raw(OPTION)
  if (option === false) return undefined
  if (option !== undefined && (typeof option !== 'object' || option === null)) {
    read.refuse(OPTION, 'an object with maxAgeSeconds, includeSubDomains and preload, or false')
  }
  const given = (option ?? {}) as Readonly<Record<string, unknown>>
  for (const name of Object.keys(given)) {
    if (!KNOWN.includes(name)) read.refuse(OPTION, KNOWN.join(', '), `it has ${show(name)}`)
  }
  const { maxAgeSeconds = ONE_YEAR_SECONDS, includeSubDomains = true, preload = false } = given
  if (!Number.isSafeInteger(maxAgeSeconds) || (maxAgeSeconds as number) < 0) {
    read.refuse(OPTION, 'maxAgeSeconds to be a whole number from 0 on', `got ${show(maxAgeSeconds)}`)
  }
  if (typeof includeSubDomains !== 'boolean' || typeof preload !== 'boolean') {
    read.refuse(OPTION, 'includeSubDomains and preload to be true or false', 'one is neither')
  }
  if (preload && !(includeSubDomains && (maxAgeSeconds as number) >= ONE_YEAR_SECONDS)) {
    read.refuse(OPTION, 'preload with includeSubDomains and at least one year', 'one is missing')
  }
  return `max-age=${String(maxAgeSeconds)}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}
