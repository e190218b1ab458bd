import type { InputIssue } from '../errors/goweb-error.ts'
import type { SchemaIssue } from '../internal/standard-schema.ts'

/** Issues told at once; a list of a thousand wrong items needs no thousand sentences. */
const MAX_ISSUES = 100
const MAX_DETAIL_LENGTH = 500

/** What a schema found wrong, as it is told to a client: JSON pointers and sentences, at most 100. */
export function toInputIssues(part: string, issues: readonly SchemaIssue[]): InputIssue[] {
  return issues.slice(0, MAX_ISSUES).map((issue) => ({
    in: part,
    pointer: jsonPointer(issuePath(issue)),
    detail: issue.message.slice(0, MAX_DETAIL_LENGTH),
  }))
}

/** The keys that lead to an issue. */
export function issuePath(issue: SchemaIssue): PropertyKey[] {
  return (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))
}

/** Writes a JSON pointer (RFC 6901 section 3). */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
