import { readFileSync } from 'node:fs'
import { stripTypes } from './strip-types.ts'

const IMPORT = /^(?:import|export|\}) .*from ['"]([^'"]+)['"]/gm

/** Where the page finds what it imports by name. */
const PACKAGES: ReadonlyMap<string, { path: string; file: URL }> = new Map([
  ['goweb/client', { path: '/scripts/goweb/client.ts', file: new URL(import.meta.resolve('goweb/client')) }],
])

/**
 * The page's scripts by their paths, with their types taken out: browsers run the rest as it is, and nothing has to be built.
 *
 * Only what the page imports is there. A larger page would use a bundler instead.
 */
export function pageScripts(...entries: readonly string[]): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>()
  const add = (path: string, file: URL): void => {
    if (scripts.has(path)) return
    let code = stripTypes(readFileSync(file, 'utf8'))
    for (const [name, { path: place }] of PACKAGES)
      code = code.replaceAll(new RegExp(`(['"])${name}\\1`, 'g'), `'${place}'`)
    scripts.set(path, code)
    for (const [, specifier = ''] of code.matchAll(IMPORT)) {
      const known = [...PACKAGES.values()].find(({ path: place }) => place === specifier)
      if (known === undefined) add(new URL(specifier, `http://x${path}`).pathname, new URL(specifier, file))
      else add(known.path, known.file)
    }
  }
  for (const entry of entries) add(`/scripts/${entry}`, new URL(entry, import.meta.url))
  return scripts
}
