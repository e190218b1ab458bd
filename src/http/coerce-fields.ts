import type { SchemaIssue } from '../internal/standard-schema.ts'
import { issuePath } from './input-issues.ts'

/**
 * Converts the strings that a schema refused into what it says it expected, so that `z.number()` works on a query.
 *
 * Goes by the `expected` of the issues (zod, valibot and arktype have it): numbers, booleans, BigInts, ISO dates, and a single
 * value where a list is wanted. Only clean values are converted: `12`, `-1.5`, `true`, `2026-01-31`; nothing that loses
 * precision, and never a value that the schema took as it was. The schema judges the result. Other vendors' schemas
 * convert on their own, as `z.coerce` does.
 *
 * @returns a changed copy, or undefined when there is nothing to convert.
 */
export function coerceFields(
  values: Readonly<Record<string, unknown>>,
  issues: readonly SchemaIssue[],
): Record<string, unknown> | undefined {
  let copy: Record<string, unknown> | undefined
  for (const issue of issues) {
    const [key, index, ...rest] = issuePath(issue)
    if (typeof key !== 'string' || !Object.hasOwn(values, key) || rest.length > 0) continue
    const wanted = wantedBy(issue)
    copy ??= Object.assign(Object.create(null) as Record<string, unknown>, values)
    const value = copy[key]
    if (index === undefined) {
      copy[key] = convert(value, wanted)
    } else if (Array.isArray(value) && typeof index === 'number' && index < value.length) {
      copy[key] = (value as unknown[]).with(index, convert(value[index], wanted))
    }
  }
  return copy !== undefined && isChanged(values, copy) ? copy : undefined
}

/** What vendors add to an issue of Standard Schema. */
interface VendorIssue extends SchemaIssue {
  /** `'number'` (zod, valibot), `'a number'` (arktype), `'(number | boolean)'` (valibot). */
  readonly expected?: unknown
  /** The issues of each branch of a union (zod). */
  readonly errors?: unknown
  /** The values of a literal or enum (zod). */
  readonly values?: unknown
}

function wantedBy(issue: VendorIssue): ReadonlySet<string> {
  const words = new Set<string>()
  collect(issue, words)
  return words
}

function collect(issue: VendorIssue, words: Set<string>): void {
  if (typeof issue.expected === 'string') {
    for (const word of issue.expected.split(/[^\w.-]+/)) words.add(word.toLowerCase())
  }
  if (Array.isArray(issue.values))
    for (const value of issue.values) if (typeof value !== 'string') words.add(String(value))
  if (!Array.isArray(issue.errors)) return
  for (const branch of issue.errors) {
    if (!Array.isArray(branch)) continue
    for (const inner of branch as VendorIssue[]) if ((inner.path?.length ?? 0) === 0) collect(inner, words)
  }
}

const NUMBER = /^-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?$/
const INTEGER = /^-?[0-9]{1,1000}$/
const ISO_DATE =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2}))?$/

function convert(value: unknown, wanted: ReadonlySet<string>): unknown {
  if (typeof value !== 'string') return value
  if ((value === 'true' || value === 'false') && (wanted.has('boolean') || wanted.has(value)))
    return value === 'true'
  if ((wanted.has('number') || wanted.has('int') || wanted.has(value)) && NUMBER.test(value)) {
    const number = Number(value)
    if (Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))) return number
  }
  if (wanted.has('bigint') && INTEGER.test(value)) return BigInt(value)
  if (wanted.has('date') && ISO_DATE.test(value)) {
    const date = new Date(value)
    if (!Number.isNaN(date.getTime())) return date
  }
  return wanted.has('array') || wanted.has('tuple') ? [value] : value
}

function isChanged(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): boolean {
  return Object.keys(after).some((key) => {
    const was = before[key]
    const is = after[key]
    if (Array.isArray(was) && Array.isArray(is)) return was.some((item, index) => item !== is[index])
    return was !== is
  })
}
