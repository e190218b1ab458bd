const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const FULL_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const TIME = '([0-9]{2}):([0-9]{2}):([0-9]{2})'
const IMF = new RegExp(`^(?:${DAYS.join('|')}), ([0-9]{2}) (${MONTHS.join('|')}) ([0-9]{4}) ${TIME} GMT$`)
const RFC850 = new RegExp(
  `^(?:${FULL_DAYS.join('|')}), ([0-9]{2})-(${MONTHS.join('|')})-([0-9]{2}) ${TIME} GMT$`,
)
const ASCTIME = new RegExp(`^(?:${DAYS.join('|')}) (${MONTHS.join('|')}) ([0-9 ][0-9]) ${TIME} ([0-9]{4})$`)

/** Writes a time as an HTTP date (RFC 9110 section 5.6.7), to the second. */
export function formatHttpDate(timeMs: number): string {
  return new Date(timeMs).toUTCString()
}

/**
 * Reads an HTTP date in any of its three forms (RFC 9110 section 5.6.7), strictly.
 *
 * @returns milliseconds since 1970, or undefined for anything else, which the RFC says to ignore.
 */
export function parseHttpDate(text: string): number | undefined {
  const imf = IMF.exec(text)
  if (imf !== null) return utc(imf[3], imf[2], imf[1], imf.slice(4))
  const rfc850 = RFC850.exec(text)
  if (rfc850 !== null) return utc(fullYear(Number(rfc850[3])), rfc850[2], rfc850[1], rfc850.slice(4))
  const asctime = ASCTIME.exec(text)
  if (asctime !== null) return utc(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6))
  return undefined
}

/** RFC 9110 section 5.6.7: a two-digit year more than 50 years ahead is in the past. */
function fullYear(twoDigits: number): string {
  const thisYear = new Date().getUTCFullYear()
  const year = thisYear - (thisYear % 100) + twoDigits
  return String(year > thisYear + 50 ? year - 100 : year)
}

function utc(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  time: readonly (string | undefined)[],
): number | undefined {
  const [hour, minute, second] = time.map(Number)
  const date = [Number(year), MONTHS.indexOf(month ?? ''), Number(day)] as const
  if (hour === undefined || minute === undefined || second === undefined) return undefined
  // A leap second is a valid time; Date counts it as the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  // Date.UTC would take a year below 100 for one of the last century; no document is that old.
  if (date[0] < 1900) return undefined
  const timeMs = Date.UTC(...date, hour, minute, second)
  // 31 February and the like would roll over into another month.
  return new Date(Date.UTC(...date)).getUTCDate() === date[2] ? timeMs : undefined
}
