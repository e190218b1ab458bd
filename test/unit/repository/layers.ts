import { posix } from 'node:path'
import type { ModuleImport } from './module-imports.ts'

/** The folders of `src` in groups: a folder imports from itself and from groups to the left of its own. */
const GROUPS: readonly (readonly string[])[] = [
  ['errors'],
  ['internal'],
  ['router', 'chain', 'protocol', 'websocket'],
  ['http', 'realtime'],
  ['transports', 'brokers', 'middleware'],
  ['app'],
  ['runtime'],
  ['index'],
  ['testing', 'metrics', 'openapi', 'inspector', 'cli'],
]

/** Beside the groups: what runs in browsers knows the protocol, not the server. */
const BROWSER_LAYERS: Readonly<Record<string, readonly string[]>> = {
  client: ['errors', 'internal', 'protocol'],
  react: ['errors', 'internal', 'protocol', 'client'],
}

/** Folders whose sub-folders are implementations side by side, which do not know each other. */
const SPLIT_FOLDERS = new Set(['brokers', 'runtime'])

/** Layers of the core, which imports no package. */
const CORE_EXEMPT = new Set([
  'brokers',
  'middleware',
  'transports',
  'testing',
  'metrics',
  'openapi',
  'inspector',
  'cli',
  'react',
])

const SERVER_MODULES = /^node:(?:http|https|http2|net|tls|dgram)(?:\/|$)/
/** Files that take what opens no connection: `BlockList` and `isIP`, to compare addresses. */
const SERVER_MODULE_EXEMPT: ReadonlyMap<string, string> = new Map([['src/http/proxy-trust.ts', 'node:net']])

/** Imports of every file of `src`, by the file's path from the root. */
export type ImportGraph = ReadonlyMap<string, readonly ModuleImport[]>

/** Folders that a folder of `src` may import from, besides itself; undefined for a folder that is in no layer. */
export function allowedLayers(layer: string): readonly string[] | undefined {
  const browser = BROWSER_LAYERS[layer]
  if (browser) return browser
  const group = GROUPS.findIndex((names) => names.includes(layer))
  return group === -1 ? undefined : GROUPS.slice(0, group).flat()
}

/** Names every import that breaks the layer rule, as `file:line: what is wrong`. */
export function findLayerViolations(graph: ImportGraph, packages: ReadonlySet<string>): string[] {
  return Array.from(graph, ([file, imports]) => {
    if (allowedLayers(layerOf(file)) === undefined) return [`${file}: ${layerOf(file)}/ is in no layer`]
    return imports.flatMap(({ specifier, line }) => {
      const problem = findProblem(file, specifier, graph, packages)
      return problem === undefined ? [] : [`${file}:${line}: ${problem}`]
    })
  }).flat()
}

function findProblem(
  file: string,
  specifier: string | undefined,
  graph: ImportGraph,
  packages: ReadonlySet<string>,
): string | undefined {
  const layer = layerOf(file)
  if (specifier === undefined) return 'the name of a module is computed'
  if (specifier.startsWith('node:')) {
    if (layer in BROWSER_LAYERS) return `${layer}/ runs in browsers and imports ${specifier}`
    const isAllowed = layer === 'runtime' || SERVER_MODULE_EXEMPT.get(file) === specifier
    if (SERVER_MODULES.test(specifier) && !isAllowed) return `only runtime/ imports ${specifier}`
    return undefined
  }
  if (!specifier.startsWith('.')) {
    if (!CORE_EXEMPT.has(layer)) return `the core imports no package, but here ${specifier}`
    return packages.has(packageOf(specifier)) ? undefined : `${specifier} is no peer dependency`
  }
  const target = resolveImport(file, specifier)
  if (!graph.has(target)) return `${specifier} is no file of src/`
  const targetLayer = layerOf(target)
  if (targetLayer !== layer && allowedLayers(layer)?.includes(targetLayer) !== true) {
    return `${layer}/ imports ${targetLayer}/ (${specifier})`
  }
  if (targetLayer === layer && SPLIT_FOLDERS.has(layer)) {
    const [from, to] = [subFolderOf(file), subFolderOf(target)]
    if (to !== undefined && from !== undefined && from !== to)
      return `${layer}/${from} imports ${layer}/${to}`
  }
  return undefined
}

/** `src/http/reply.ts` → `http`; `src/index.ts` → `index`. */
function layerOf(file: string): string {
  return file.replace(/^src\//, '').replace(/(?:\/.*|\.ts)$/, '')
}

/** `src/runtime/node/listen.ts` → `node`; undefined for a file directly in its layer's folder. */
function subFolderOf(file: string): string | undefined {
  const parts = file.split('/')
  return parts.length > 3 ? parts[2] : undefined
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** The file that a relative import names, as a path from the root. */
export function resolveImport(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier)
}
