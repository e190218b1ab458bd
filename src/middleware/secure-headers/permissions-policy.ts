import { show, type OptionReader } from '../options/option-reader.ts'

/** Who may use a feature: nobody, everybody, or `self` and origins; `false` leaves the feature out. */
export type FeatureAllowlist = 'none' | '*' | readonly string[] | false

/** Features of the browser by name, such as `camera`. */
export type PermissionsPolicy = Readonly<Record<string, FeatureAllowlist>>

/** Features that ask the user or cost money, refused unless an app says otherwise. */
export const DEFAULT_FEATURES: PermissionsPolicy = {
  camera: 'none',
  'display-capture': 'none',
  geolocation: 'none',
  microphone: 'none',
  payment: 'none',
  usb: 'none',
}

const OPTION = 'permissionsPolicy'
const FEATURE = /^[a-z][a-z0-9-]*$/
const ORIGIN = /^https?:\/\/(?:\*\.)?[^\s"\\/?#@*]+$/

/** Makes the text of the Permissions-Policy header (a structured dictionary, RFC 9651 section 3.2). */
export function compilePermissions(read: OptionReader): string | undefined {
  const option = read.raw(OPTION)
  if (option === false) return undefined
  if (option !== undefined && (typeof option !== 'object' || option === null || Array.isArray(option))) {
    read.refuse(OPTION, 'features such as { camera: ["self"] }, or false')
  }
  const members: string[] = []
  for (const [feature, allowlist] of Object.entries({ ...DEFAULT_FEATURES, ...option })) {
    if (!FEATURE.test(feature))
      read.refuse(OPTION, 'feature names such as display-capture', `got ${show(feature)}`)
    if (allowlist !== false && allowlist !== undefined)
      members.push(`${feature}=${allowed(read, feature, allowlist)}`)
  }
  return members.length === 0 ? undefined : members.join(', ')
}

function allowed(read: OptionReader, feature: string, allowlist: unknown): string {
  if (allowlist === 'none') return '()'
  if (allowlist === '*') return '*'
  if (!Array.isArray(allowlist))
    read.refuse(OPTION, `'none', '*', false or a list for ${feature}`, `got ${show(allowlist)}`)
  const members = (allowlist as unknown[]).map((item) => {
    if (item === 'self') return 'self'
    if (typeof item !== 'string' || !ORIGIN.test(item)) {
      read.refuse(
        OPTION,
        `'self' or origins such as https://example.com for ${feature}`,
        `one is ${show(item)}`,
      )
    }
    return `"${item}"`
  })
  return `(${members.join(' ')})`
}
