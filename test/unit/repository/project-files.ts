import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The repository's root. */
export const ROOT: string = join(import.meta.dirname, '../../..')

const NOT_OURS = new Set(['.cache', '.git', 'node_modules', 'dist', 'coverage'])

/** Paths from the root, with `/`, of the files below `folder` that belong to the project; sorted. */
export function projectFiles(folder: string, accepts: RegExp = /(?:)/): string[] {
  const found: string[] = []
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (NOT_OURS.has(entry.name)) continue
      const child = join(path, entry.name)
      if (entry.isDirectory()) visit(child)
      else if (entry.isFile()) found.push(relative(ROOT, child).replaceAll('\\', '/'))
    }
  }
  visit(join(ROOT, folder))
  return found.filter((file) => accepts.test(file)).toSorted()
}

/** The text of a file, by its path from the root. */
export function readProjectFile(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** What the tests read of `package.json`. */
export interface PackageJson {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly engines: Readonly<Record<string, string>>
}

/** Reads `package.json`. */
export function readPackageJson(): PackageJson {
  return JSON.parse(readProjectFile('package.json')) as PackageJson
}

/** Source files of the export paths, such as `.` → `src/index.ts`; without `./package.json`. */
export function exportedSources(): Map<string, string> {
  const sources = new Map<string, string>()
  for (const [path, target] of Object.entries(readPackageJson().exports)) {
    if (typeof target === 'string') continue
    sources.set(path, (target['goweb-source'] ?? '').replace('./', ''))
  }
  return sources
}
