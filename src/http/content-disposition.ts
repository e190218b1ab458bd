/**
 * Writes a Content-Disposition header (RFC 6266, RFC 8187).
 *
 * Path separators and control characters of the name become `_`. A name with more than plain ASCII is given twice: an
 * ASCII likeness for old clients, and `filename*` in UTF-8.
 */
export function contentDisposition(type: 'attachment' | 'inline', filename?: string): string {
  if (filename === undefined || filename === '') return type
  // oxlint-disable-next-line no-control-regex -- it is there to replace control characters
  const name = filename.toWellFormed().replaceAll(/[\0-\x1f\x7f-\x9f/\\]/g, '_')
  // RFC 6266 appendix D: percent signs and quotes confuse some clients, so they go to filename* too.
  const likeness = name.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["%]/g, '_')
  const quoted = `${type}; filename="${likeness}"`
  return likeness === name ? quoted : `${quoted}; filename*=UTF-8''${encodeExtended(name)}`
}

/** RFC 8187 section 3.2.1: attr-char is narrower than what encodeURIComponent leaves. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
