import type { Diagnostic } from './compile.ts'

const MARKER = /\/\/ error: (TS\d+)(?: (.*))?$/

/**
 * Compares errors with the markers of the files that must have them, and names every difference.
 *
 * `// error: TS2345 part of the message` at the end of a line says that this line, and no other, has that error.
 */
export function compareWithMarkers(
  diagnostics: readonly Diagnostic[],
  files: ReadonlyMap<string, string>,
): string[] {
  const rest = new Set(diagnostics)
  const differences: string[] = []
  for (const [file, text] of files) {
    for (const [index, content] of text.split('\n').entries()) {
      const [, code, part = ''] = MARKER.exec(content) ?? []
      if (code === undefined) continue
      const line = index + 1
      const found = diagnostics.filter((diagnostic) => {
        const isHere = diagnostic.file === file && diagnostic.line === line
        return isHere && diagnostic.code === code && diagnostic.message.includes(part.trim())
      })
      if (found.length === 0)
        differences.push(`${file}:${line}: compiles, or not with ${code} ${part}`.trimEnd())
      for (const diagnostic of found) rest.delete(diagnostic)
    }
  }
  for (const { file, line, code, message } of rest) differences.push(`${file}:${line}: ${code} ${message}`)
  return differences
}
