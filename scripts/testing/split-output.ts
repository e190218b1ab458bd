/** What a process printed, by file. */
export interface SplitOutput {
  readonly of: ReadonlyMap<string, string>
  /** The files that have begun, in that order. */
  readonly begun: readonly string[]
}

/**
 * Divides what a process printed at the lines `path:` that begin each file. What comes before the first is everybody's:
 * it came while files were loaded.
 */
export function splitOutput(output: string, files: readonly string[]): SplitOutput {
  const known = new Set(files)
  const sections = new Map<string | undefined, string[]>([[undefined, []]])
  let lines = sections.get(undefined)
  for (const line of output.split('\n')) {
    const file = line.endsWith(':') ? line.slice(0, -1) : ''
    if (known.delete(file)) sections.set(file, (lines = []))
    else lines?.push(line)
  }
  const shared = sections.get(undefined) ?? []
  return {
    of: new Map(files.map((file) => [file, [...shared, ...(sections.get(file) ?? [])].join('\n')])),
    begun: [...sections.keys()].filter((file) => file !== undefined),
  }
}
