import { resolveImport, type ImportGraph } from './layers.ts'

/** Cycles of imports between files, as the files on each in order: at least one of every tangle. */
export function findCycles(graph: ImportGraph): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): void => {
    const index = path.indexOf(file)
    if (index !== -1) cycles.push(path.slice(index))
    if (index !== -1 || done.has(file)) return
    path.push(file)
    for (const { specifier } of graph.get(file) ?? []) {
      if (specifier?.startsWith('.') === true) visit(resolveImport(file, specifier))
    }
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return cycles
}
