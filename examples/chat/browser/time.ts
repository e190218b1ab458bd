import { element } from './element.ts'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayOfOtherYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })

/** The time of day, the whole date on hovering. @param at milliseconds since 1970, as all times of the page. */
export function timeStamp(at: number): HTMLElement {
  const date = new Date(at)
  return element('time', { datetime: date.toISOString(), title: full.format(date) }, clock.format(date))
}

/** Whether two moments lie on one day of the reader's. */
export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString()
}

/** `Today`, `Yesterday`, or the date. */
export function dayName(at: number, now: number = Date.now()): string {
  if (isSameDay(at, now)) return 'Today'
  const yesterday = new Date(now)
  yesterday.setDate(yesterday.getDate() - 1)
  if (isSameDay(at, yesterday.getTime())) return 'Yesterday'
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return (isThisYear ? day : dayOfOtherYear).format(at)
}
