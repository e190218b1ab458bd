/**
 * Runs a server of this repository on the runtime that `RUNTIME` names, `node` (the default) or `bun`:
 * `RUNTIME=bun node --conditions=goweb-source scripts/launch.ts examples/echo/server.ts`.
 */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const BUN = join(import.meta.dirname, '../node_modules/.bin/bun')

const file = process.argv[2]
const runtime = process.env['RUNTIME'] || 'node'
if (file === undefined) throw new Error('Expected the file of a server')
if (runtime === 'node') await import(pathToFileURL(resolve(file)).href)
else if (runtime === 'bun') becomeBun(file)
else throw new Error(`RUNTIME=${runtime}: expected node or bun`)

/** Bun takes the place of this process, so that signals and the exit status are its own. */
function becomeBun(server: string): void {
  const args = ['--conditions=goweb-source', server]
  if (process.platform !== 'win32') process.execve?.(BUN, [BUN, ...args], process.env)
  // Only where a process cannot be replaced.
  process.exitCode = spawnSync(BUN, args, { stdio: 'inherit' }).status ?? 1
}
